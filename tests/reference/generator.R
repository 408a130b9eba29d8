# Made-up rows that R and tests/generated.py make alike, so that none is committed: sourced by exactness.R.
# Whole numbers below 2^53 and divisions only, which are the same doubles everywhere.
PRIME <- 67108859 # 2^26 - 5: products of remainders are exact, and cubing permutes the remainders

draw <- function(stream, n) {
  x <- (seq_len(n) + 1000003 * stream) %% PRIME
  for (turn in 1:3) x <- ((x * x) %% PRIME * x + stream) %% PRIME
  x
}

generated <- function(n) {
  share <- function(stream) draw(stream, n) / PRIME
  rows <- list()
  for (k in 1:10) rows[[paste0("flag", k)]] <- as.numeric(share(k) < c(50, 40, 30, 20, 15, 10, 5, 60, 25, 35)[k] / 100)
  rows$rare <- as.numeric(share(11) < 1 / 2000)
  rows$age <- 30 + draw(12, n) %% 61
  rows$nodes <- floor(1 / (share(13) + 0.02))
  for (k in 2:3) rows[[paste0("grade", k)]] <- as.numeric(draw(14, n) %% 3 + 1 == k)
  site <- floor(5.99 * share(15) * share(16)) # level 0 has half of the rows, level 5 1 in 100
  for (k in 1:5) rows[[paste0("site", k)]] <- as.numeric(site == k)
  for (k in 1:9) rows[[paste0("region", k)]] <- as.numeric(draw(17, n) %% 10 == k)
  for (k in 1:12) rows[[paste0("z", k)]] <- 2 * (share(3 * k + 18) + share(3 * k + 19) + share(3 * k + 20) - 1.5)
  risk <- with(rows, (1 + 0.6 * flag1) * (1 + 0.4 * flag2) * (1 - 0.3 * flag3) * (1 + 0.5 * grade3) * (1 + (age - 60) / 80) *
                       (1 + z1 / 8))
  failure <- 700 * share(61) / ((1.02 - share(61)) * risk)
  follow_up <- 3000 * share(62)
  rows$exact <- pmin(failure, follow_up)
  rows$days <- 1 + floor(rows$exact)
  rows$years <- ceiling(rows$days / 365.25)
  rows$event <- as.numeric(failure <= follow_up)
  rows$few <- rows$event * (draw(63, n) %% 200 == 0)
  rows$entry_days <- floor(rows$days * share(64) * (draw(65, n) %% 2))
  rows$entry_years <- pmin(floor(rows$entry_days / 365.25), rows$years - 1)
  rows$centre <- draw(66, n) %% 50
  rows$weight <- (1 + draw(67, n) %% 3000) / 1000
  rows$count <- draw(68, n) %% 5
  rows$shift <- share(69) - 0.5
  rows$outcome <- as.numeric(share(70) < 0.4 * risk / (1 + 0.4 * risk))
  rows$seldom <- as.numeric(share(71) < 0.002 * risk / (1 + 0.002 * risk))
  as.data.frame(rows)
}

# One whole number a column that depends on the order of the rows.
checksums <- function(rows) vapply(rows, function(x) sum(floor(1000 * x) * (seq_along(x) %% 97)), 0)
