# Expected values for tests/test_cox.py.
#
#   Rscript tests/reference/cox.R .venv/lib/python3.11/site-packages/lifelines/datasets/gbsg2.csv tests/reference
#
# writes cox_rows.csv (made-up rows), cox_cases.csv (which model each case is) and cox.csv (what R says about it).
# cox_far.csv is read from that folder.
options(warn = 2, digits = 17)
suppressPackageStartupMessages(library(survival))
RNGversion("4.2.0")
arguments <- commandArgs(trailingOnly = TRUE)
gbsg2_file <- arguments[1]
folder <- arguments[2]

# --- made-up rows: few and many levels, whole and real numbers, ties in days (some), in years (many) -----------------
set.seed(20240607)
n <- 1500
rows <- data.frame(
  a = rbinom(n, 1, 0.4), b = rbinom(n, 1, 0.15), c = rbinom(n, 1, 0.6), d = rbinom(n, 1, 0.25),
  e2 = 0, e3 = 0, e4 = 0, age = round(rnorm(n, 60, 11)), marker = signif(rexp(n, 1 / 200), 4), u = round(rnorm(n), 3)
)
e <- sample(4, n, replace = TRUE, prob = c(0.4, 0.3, 0.2, 0.1))
for (k in 2:4) rows[[paste0("e", k)]] <- as.numeric(e == k)
hazard <- exp(with(rows, 0.5 * a - 0.3 * b + 0.2 * e3 + 0.6 * e4 + 0.02 * (age - 60) - 0.001 * marker + 0.1 * u)) / 1500
follow_up <- pmin(rexp(n, hazard), runif(n, 30, 3000))
rows$event <- as.numeric(follow_up < 2800 & runif(n) < 0.65)
rows$days <- ceiling(follow_up)
rows$years <- ceiling(rows$days / 365.25)
rows$entry_days <- floor(rows$days * rbinom(n, 1, 0.6) * runif(n))
rows$entry_years <- pmin(floor(rows$entry_days / 365.25), rows$years - 1)
rows$centre <- sample(6, n, replace = TRUE)
rows$count <- sample(0:4, n, replace = TRUE)
rows$weight <- round(runif(n, 0.2, 3), 3)
rows$shift <- round(rnorm(n, 0, 0.5), 3)
rows$a_or_b <- rows$a + rows$b
rows$still <- 7
write.csv(rows, file.path(folder, "cox_rows.csv"), row.names = FALSE, quote = FALSE)

# --- the cases ------------------------------------------------------------------------------------------------------
ten <- "a b c d e2 e3 e4 age marker u"
case <- function(name, n, columns, time = "days", ties = "efron", entry = "", strata = "", weights = "", counts = "",
                 offset = "") {
  data.frame(name, n, columns, time, ties, entry, strata, weights, counts, offset)
}
cases <- rbind(
  case("five_rows", 5, "u"),
  case("eight_rows_in_years", 8, "age", "years"),
  case("twelve_rows", 12, "a u"),
  case("forty_rows", 40, "a c u", "years"),
  case("one_column", 1500, "a"),
  case("ten_columns", 1500, ten),
  case("ten_columns_breslow", 1500, ten, ties = "breslow"),
  case("heavy_ties", 1500, ten, "years"),
  case("heavy_ties_breslow", 1500, ten, "years", "breslow"),
  case("strata", 1500, "a b age u", "years", strata = "centre"),
  case("strata_breslow", 600, "a b age u", ties = "breslow", strata = "centre"),
  case("delayed_entry", 1500, ten, entry = "entry_days"),
  case("delayed_entry_ties", 1500, "a b age marker", "years", entry = "entry_years"),
  case("delayed_entry_breslow", 300, "a e2 e3 e4", "years", "breslow", entry = "entry_years"),
  case("case_weights", 1500, "a b age u", "years", weights = "weight"),
  case("case_weights_breslow", 1500, "a b age u", "years", "breslow", weights = "weight"),
  case("repeated_rows", 800, "a b age u", "years", counts = "count"),
  case("repeated_rows_breslow", 800, "a b age u", "years", "breslow", counts = "count"),
  case("repeated_weighted_rows", 300, "a b age u", "years", weights = "weight", counts = "count"),
  case("offset", 1500, "a b age u", "years", offset = "shift"),
  case("everything", 1500, "a b e2 e3 e4 age", "years", "efron", "entry_years", "centre", "weight", "count", "shift"),
  case("everything_breslow", 1500, "a b e2 e3 e4 age", "years", "breslow", "entry_years", "centre", "weight", "count", "shift"),
  case("collinear", 300, "a b a_or_b still u"),
  case("gbsg2", 686, "gbsg2"),
  case("gbsg2_breslow", 686, "gbsg2", ties = "breslow"),
  case("gbsg2_strata", 686, "gbsg2_strata")
)
write.csv(cases, file.path(folder, "cox_cases.csv"), row.names = FALSE, quote = FALSE)

# --- R's answers ----------------------------------------------------------------------------------------------------
answers <- data.frame(case = "versions", what = c("R", "survival"), name = "",
                      value = c(as.character(getRversion()), as.character(packageVersion("survival"))))
answer <- function(case, what, value, name = "") {
  answers <<- rbind(answers, data.frame(case, what, name, value = sprintf("%.17g", value)))
}
gbsg2 <- read.csv(gbsg2_file, stringsAsFactors = TRUE)

expand <- function(case) {
  data <- rows[seq_len(case$n), ]
  if (case$counts != "") data <- data[rep(seq_len(case$n), data[[case$counts]]), ]
  data
}
surv <- function(case) if (case$entry == "") paste0("Surv(", case$time, ", event)") else
  paste0("Surv(", case$entry, ", ", case$time, ", event)")
fit <- function(case, columns, data, eps = 1e-14) {
  right <- c(columns, if (case$strata != "") paste0("strata(", case$strata, ")"),
             if (case$offset != "") paste0("offset(", case$offset, ")"))
  data$.w <- if (case$weights == "") 1 else data[[case$weights]]
  polished(as.formula(paste(surv(case), "~", paste(right, collapse = " + "))), data, case$ties, eps)
}
# with so small an eps coxph may halve its last step for a likelihood that differs by rounding alone, and end 1e-7 short in
# the coefficients (and warn of that): one more step of Newton's
polished <- function(formula, data, ties, eps = 1e-14) {
  fit <- function(eps, iter.max, ...) {
    control <- coxph.control(eps = eps, toler.chol = if (eps < 1e-12) 1e-15 else 1e-12, iter.max = iter.max)
    coxph(formula, data, .w, ties = ties, control = control, robust = FALSE, ...)
  }
  first <- suppressWarnings(fit(eps, 100))
  last <- fit(1e-9, 2, init = ifelse(is.na(coef(first)), 0, coef(first)))
  last$loglik[1] <- first$loglik[1]
  last$score <- first$score
  at <- which(!is.na(coef(last)))
  last$wald.test <- drop(coef(last)[at] %*% solve(vcov(last)[at, at], coef(last)[at]))
  last
}
for (i in seq_len(nrow(cases))) {
  case <- cases[i, ]
  if (grepl("gbsg2", case$name)) {
    terms <- c("horTh", "menostat", "tgrade", "age", "tsize", "pnodes", "progrec", "estrec")
    if (case$columns == "gbsg2_strata") terms[3] <- "strata(tgrade)"
    model <- as.formula(paste("Surv(time, cens) ~", paste(terms, collapse = " + ")))
    gbsg2$.w <- 1
    full <- polished(model, gbsg2, case$ties)
    reduced <- polished(update(model, . ~ . - horTh), gbsg2, case$ties)
  } else {
    data <- expand(case)
    columns <- strsplit(case$columns, " ")[[1]]
    full <- fit(case, columns, data, if (case$name == "collinear") 1e-11 else 1e-14)
    reduced <- if (length(columns) > 1) fit(case, columns[-1], data, if (case$name == "collinear") 1e-11 else 1e-14)
  }
  beta <- coef(full)
  name <- names(beta)
  answer(case$name, "coefficient", beta, name)
  answer(case$name, "std_error", sqrt(diag(vcov(full))), name)
  answer(case$name, "covariance", as.vector(vcov(full)), rep(name, each = length(name)))
  answer(case$name, "p_value", pchisq(beta^2 / diag(vcov(full)), 1, lower.tail = FALSE), name)
  answer(case$name, "loglik_null", full$loglik[1])
  answer(case$name, "loglik", full$loglik[length(full$loglik)])
  answer(case$name, "n", full$n)
  answer(case$name, "n_events", full$nevent)
  answer(case$name, "score_test", full$score)
  answer(case$name, "wald_test", full$wald.test)
  if (!is.null(reduced)) {
    statistic <- 2 * (full$loglik[2] - reduced$loglik[length(reduced$loglik)])
    df <- sum(!is.na(beta)) - sum(!is.na(coef(reduced)))
    answer(case$name, "lr_first", statistic)
    answer(case$name, "lr_first_p", if (df > 0) pchisq(statistic, df, lower.tail = FALSE) else NaN)
  }
}

# --- Firth's penalty from its definition: each risk set's moments in full, no sums shared between them -------------------
penalised <- function(beta, x, time, event, ties, entry = time - Inf, strata = 0 * time, penalty = 1) {
  p <- ncol(x)
  value <- 0; score <- numeric(p); information <- matrix(0, p, p); third <- array(0, c(p, p, p))
  for (s in unique(strata)) for (t in unique(time[event == 1 & strata == s])) {
    dead <- time == t & event == 1 & strata == s
    d <- sum(dead)
    value <- value + sum(x[dead, , drop = FALSE] %*% beta)
    score <- score + colSums(x[dead, , drop = FALSE])
    for (l in seq_len(d) - 1) {
      weight <- exp(x %*% beta) * ((strata == s & entry < t & time >= t) - if (ties == "efron") dead * l / d else 0)
      value <- value - log(sum(weight))
      weight <- as.vector(weight / sum(weight))
      mean <- colSums(weight * x)
      centred <- sweep(x, 2, mean)
      score <- score - mean
      information <- information + t(centred) %*% (weight * centred)
      for (j in seq_len(p)) third[, , j] <- third[, , j] + t(centred) %*% (weight * centred[, j] * centred)
    }
  }
  inverse <- solve(information)
  list(value = value + penalty * log(det(information)) / 2, information = information,
       score = score + penalty * sapply(seq_len(p), function(j) sum(inverse * third[, , j])) / 2)
}
maximise <- function(beta, free, ...) {
  for (iteration in 1:500) {
    now <- penalised(beta, ...)
    if (!length(free)) break
    step <- solve(now$information[free, free], now$score[free])
    if (max(abs(step)) < 1e-13) break
    beta[free] <- beta[free] + step * min(1, 2 / max(abs(step)))
  }
  list(beta = beta, value = now$value, information = now$information)
}
firth <- function(name, x, time, event, ties) {
  p <- ncol(x)
  full <- maximise(numeric(p), seq_len(p), x = x, time = time, event = event, ties = ties)
  se <- sqrt(diag(solve(full$information)))
  answer(name, "coefficient", full$beta, colnames(x))
  answer(name, "std_error", se, colnames(x))
  answer(name, "loglik", full$value)
  answer(name, "loglik_null", penalised(numeric(p), x, time, event, ties)$value)
  for (j in seq_len(p)) {
    profile <- function(b) {
      start <- full$beta
      start[j] <- b
      maximise(start, setdiff(seq_len(p), j), x = x, time = time, event = event, ties = ties)$value
    }
    below <- function(b) 2 * (full$value - profile(b)) - qchisq(0.95, 1)
    reach <- function(side) full$beta[j] + side * c(0.5, 9) * se[j]
    answer(name, "lr_p", pchisq(2 * (full$value - profile(0)), 1, lower.tail = FALSE), colnames(x)[j])
    answer(name, "low", uniroot(below, reach(-1), tol = 1e-13)$root, colnames(x)[j])
    answer(name, "high", uniroot(below, reach(1), tol = 1e-13)$root, colnames(x)[j])
  }
}
# nobody with b has an event: the ordinary likelihood has no maximum
some <- rows[1:60, ]
some$event[some$b == 1] <- 0
x <- as.matrix(some[c("a", "b", "u")])
firth("firth_days", x, some$days, some$event, "efron")
firth("firth_years_efron", x, some$years, some$event, "efron")
firth("firth_years_breslow", x, some$years, some$event, "breslow")

# --- linear predictors 50 apart, from the definition too: coxph does not converge on these rows ---------------------------
far <- read.csv(file.path(folder, "cox_far.csv"), comment.char = "#")
x <- as.matrix(far[c("x", "y", "z")])
for (ties in c("efron", "breslow")) {
  full <- maximise(numeric(3), 1:3, x = x, time = far$time, event = far$event, ties = ties, entry = far$entry,
                   strata = far$strata, penalty = 0)
  answer(paste0("far_", ties), "coefficient", full$beta, colnames(x))
  answer(paste0("far_", ties), "std_error", sqrt(diag(solve(full$information))), colnames(x))
  answer(paste0("far_", ties), "loglik", full$value)
}

write.csv(answers, file.path(folder, "cox.csv"), row.names = FALSE, quote = FALSE)
