# Expected values for tests/test_logistic.py.
#
#   Rscript tests/reference/logistic.R .venv/lib/python3.11/site-packages/lifelines/datasets/gbsg2.csv tests/reference
#
# writes logistic_rows.csv (made-up rows), logistic_cases.csv (which model each case is) and logistic.csv (R's answers).
# Firth's penalty: brglm2 (Debian's r-cran-brglm2) fits it in its own way; sex2.csv and endometrial.csv are read from the folder.
options(warn = 2, digits = 17)
library(brglm2)
RNGversion("4.2.0")
arguments <- commandArgs(trailingOnly = TRUE)
gbsg2_file <- arguments[1]
folder <- arguments[2]

# --- made-up rows ---------------------------------------------------------------------------------------------------
set.seed(20240608)
n <- 1000
rows <- data.frame(a = rbinom(n, 1, 0.4), b = rbinom(n, 1, 0.1), c = rbinom(n, 1, 0.6), e2 = 0, e3 = 0,
                   age = round(rnorm(n, 60, 11)), year = sample(2010:2020, n, replace = TRUE), u = round(rnorm(n), 3))
e <- sample(3, n, replace = TRUE, prob = c(0.5, 0.3, 0.2))
for (k in 2:3) rows[[paste0("e", k)]] <- as.numeric(e == k)
eta <- with(rows, -1 + 0.7 * a - 0.5 * b + 0.3 * e2 + 0.8 * e3 + 0.02 * (age - 60) + 0.05 * (year - 2015) + 0.4 * u)
rows$outcome <- rbinom(n, 1, plogis(eta))
rows$count <- sample(0:5, n, replace = TRUE)
rows$shift <- round(rnorm(n, 0, 0.5), 3)
rows$a_or_b <- rows$a + rows$b
write.csv(rows, file.path(folder, "logistic_rows.csv"), row.names = FALSE, quote = FALSE)

case <- function(name, n, columns, weights = "", offset = "") data.frame(name, n, columns, weights, offset)
cases <- rbind(
  case("eight_rows", 8, "u"),
  case("thirty_rows", 30, "a u"),
  case("one_column", 1000, "a"),
  case("factors", 1000, "a b c e2 e3"),
  case("eight_columns", 1000, "a b c e2 e3 age year u"),
  case("counted_rows", 600, "a b e2 e3 age", weights = "count"),
  case("offset", 1000, "a b e2 e3 age", offset = "shift"),
  case("counted_rows_and_offset", 400, "a b age", weights = "count", offset = "shift"),
  case("collinear", 300, "a b a_or_b u"),
  case("gbsg2", 686, "gbsg2")
)
write.csv(cases, file.path(folder, "logistic_cases.csv"), row.names = FALSE, quote = FALSE)

# --- R's answers ----------------------------------------------------------------------------------------------------
answers <- data.frame(case = "versions", what = c("R", "brglm2"), name = "",
                      value = c(as.character(getRversion()), as.character(packageVersion("brglm2"))))
answer <- function(case, what, value, name = "") {
  answers <<- rbind(answers, data.frame(case, what, name, value = sprintf("%.17g", value)))
}
half_chi_squared <- qchisq(0.95, 1) / 2
fit <- function(x, y, weights, offset, start = NULL, epsilon = 1e-13) {
  control <- glm.control(epsilon = epsilon, maxit = 100)
  glm.fit(x, y, weights, start, offset = offset, family = binomial(), control = control)
}
loglik <- function(fitted) -fitted$deviance / 2  # of 0/1 outcomes

for (i in seq_len(nrow(cases))) {
  case <- cases[i, ]
  if (case$name == "gbsg2") {
    data <- read.csv(gbsg2_file, stringsAsFactors = TRUE)
    x <- model.matrix(~ horTh + menostat + tgrade + age + tsize + pnodes + progrec + estrec, data)
    y <- data$cens
  } else {
    data <- rows[seq_len(case$n), ]
    x <- cbind("(Intercept)" = 1, as.matrix(data[strsplit(case$columns, " ")[[1]]]))
    y <- data$outcome
  }
  weights <- if (case$weights == "") rep(1, nrow(x)) else data[[case$weights]]
  offset <- if (case$offset == "") rep(0, nrow(x)) else data[[case$offset]]
  full <- fit(x, y, weights, offset, epsilon = 1e-8)  # a smaller epsilon would not find collinear columns
  null <- fit(x[, 1, drop = FALSE], y, weights, offset)
  name <- colnames(x)
  kept <- which(!is.na(full$coefficients))
  # twice more from the solution, as glm's covariance is that of the step before the last
  again <- fit(x[, kept, drop = FALSE], y, weights, offset)
  again <- fit(x[, kept, drop = FALSE], y, weights, offset, again$coefficients)
  full$coefficients[kept] <- again$coefficients
  full$deviance <- again$deviance
  covariance <- matrix(NaN, length(name), length(name))
  covariance[kept, kept] <- chol2inv(again$qr$qr[seq_along(kept), , drop = FALSE])
  answer(case$name, "coefficient", full$coefficients, name)
  answer(case$name, "std_error", sqrt(diag(covariance)), name)
  answer(case$name, "covariance", as.vector(covariance), rep(name, each = length(name)))
  answer(case$name, "deviance", full$deviance)
  answer(case$name, "loglik_null", loglik(null))
  answer(case$name, "n", sum(weights))
  answer(case$name, "n_events", sum(weights * y))
  if (case$name == "collinear") next
  for (j in 2:ncol(x)) {
    # far out, where uniroot starts, a row may well have a fitted probability of 1
    profile <- function(b) suppressWarnings(loglik(fit(x[, -j, drop = FALSE], y, weights, offset + b * x[, j])))
    below <- function(b) loglik(full) - profile(b) - half_chi_squared
    reach <- function(side) full$coefficients[j] + side * c(0.5, 8) * sqrt(covariance[j, j])
    statistic <- 2 * (loglik(full) - profile(0))
    answer(case$name, "lr", statistic, name[j])
    answer(case$name, "lr_p", pchisq(statistic, 1, lower.tail = FALSE), name[j])
    answer(case$name, "low", uniroot(below, reach(-1), tol = 1e-13)$root, name[j])
    answer(case$name, "high", uniroot(below, reach(1), tol = 1e-13)$root, name[j])
  }
}

# --- Firth's penalty as data augmentation (Heinze and Schemper 2002): rows get half their leverage more of each outcome ----
penalised <- function(beta, x, y) {
  chance <- plogis(as.vector(x %*% beta))
  sum(dbinom(y, 1, chance, log = TRUE)) + log(det(t(x) %*% (chance * (1 - chance) * x))) / 2
}
maximise <- function(beta, free, x, y) {
  for (iteration in 1:2000) {
    chance <- plogis(as.vector(x %*% beta))
    half <- chance * (1 - chance) * rowSums((x %*% solve(t(x) %*% (chance * (1 - chance) * x))) * x) / 2
    score <- t(x[, free, drop = FALSE]) %*% (y + half - (1 + 2 * half) * chance)
    step <- solve(t(x[, free]) %*% (chance * (1 - chance) * x[, free]), score)
    beta[free] <- beta[free] + step * min(1, 2 / max(abs(step)))
    if (max(abs(step)) < 1e-13) break
  }
  beta
}
firth <- function(name, x, y) {
  p <- ncol(x)
  beta <- maximise(numeric(p), seq_len(p), x, y)
  bias_reduced <- glm(y ~ x - 1, binomial, method = "brglmFit", type = "AS_mean", control = list(epsilon = 1e-13, maxit = 1000))
  se <- sqrt(diag(vcov(bias_reduced)))
  stopifnot(bias_reduced$converged, all.equal(coef(bias_reduced), beta, tolerance = 1e-11, check.attributes = FALSE))
  answer(name, "coefficient", coef(bias_reduced), colnames(x))
  answer(name, "std_error", se, colnames(x))
  answer(name, "loglik", penalised(beta, x, y))
  for (j in 2:p) {
    profile <- function(b) {
      start <- beta
      start[j] <- b
      penalised(maximise(start, setdiff(seq_len(p), j), x, y), x, y)
    }
    below <- function(b) penalised(beta, x, y) - profile(b) - half_chi_squared
    answer(name, "lr_p", pchisq(2 * (penalised(beta, x, y) - profile(0)), 1, lower.tail = FALSE), colnames(x)[j])
    answer(name, "low", uniroot(below, beta[j] - c(0.5, 9) * se[j], tol = 1e-13)$root, colnames(x)[j])
    answer(name, "high", uniroot(below, beta[j] + c(0.5, 9) * se[j], tol = 1e-13)$root, colnames(x)[j])
  }
}
# every row with b has the outcome: the ordinary likelihood has no maximum
some <- rows[1:50, ]
some$outcome[some$b == 1] <- 1
firth("firth", cbind("(Intercept)" = 1, as.matrix(some[c("a", "b", "u")])), some$outcome)
published <- read.csv(file.path(folder, "endometrial.csv"), comment.char = "#")
stopifnot(all.equal(published, endometrial, check.attributes = FALSE)) # the copy in brglm2
firth("endometrial", cbind("(Intercept)" = 1, as.matrix(published[c("NV", "PI", "EH")])), published$HG)
published <- read.csv(file.path(folder, "sex2.csv"), comment.char = "#")
published <- published[rep(seq_len(nrow(published)), published$count), ]
firth("sex2", cbind("(Intercept)" = 1, as.matrix(published[c("age", "oc", "vic", "vicl", "vis", "dia")])), published$case)

write.csv(answers, file.path(folder, "logistic.csv"), row.names = FALSE, quote = FALSE)
