# Rscript contingency.R > contingency.csv
# Tests and intervals on tables of counts: case, quantity, value (17 digits). A table is given as a, b, c, d by row.
cat("#", R.version.string, "stats", as.character(packageVersion("stats")), "\n")
cat("case,quantity,value\n")
put <- function(case, ...) {
  values <- list(...)
  for (name in names(values)) {
    cat(sprintf("%s,%s,%s\n", case, name, sprintf("%.17g", as.numeric(values[[name]]))), sep = "")
  }
}

# fisher.test() solves for the estimate and the limits with uniroot's default tolerance, 1e-4. These are its
# equations (conditional mean = count; each tail = 2.5%) on the log scale, solved to the last digits.
solve_exactly <- function(x) {
  m <- sum(x[, 1]); n <- sum(x[, 2]); k <- sum(x[1, ]); x <- x[1, 1]
  lo <- max(0, k - n); hi <- min(k, m)
  support <- lo:hi
  density <- function(log_or) {
    d <- dhyper(support, m, n, k, log = TRUE) + log_or * support
    d <- exp(d - max(d))
    d / sum(d)
  }
  root <- function(f) exp(uniroot(f, c(-12, 12), tol = 1e-15, maxiter = 10000)$root)
  tail <- function(keep) root(function(t) sum(density(t)[keep]) - 0.025)
  list(
    estimate = if (x == lo) 0 else if (x == hi) Inf else root(function(t) sum(support * density(t)) - x),
    ci_low = if (x == lo) 0 else tail(support >= x),
    ci_high = if (x == hi) Inf else tail(support <= x)
  )
}

# Tables less probable than the observed one, and half of those as probable
mid_p <- function(x) {
  m <- sum(x[, 1]); n <- sum(x[, 2]); k <- sum(x[1, ])
  d <- dhyper(max(0, k - n):min(k, m), m, n, k)
  observed <- dhyper(x[1, 1], m, n, k)
  less <- d < observed / (1 + 1e-7)
  as_much <- !less & d <= observed * (1 + 1e-7)
  sum(d[less]) + sum(d[as_much]) / 2
}

two_by_two <- function(case, a, b, c, d) {
  x <- matrix(c(a, b, c, d), 2, byrow = TRUE)
  fitted <- fisher.test(x)
  exact <- solve_exactly(x)
  # uniroot's tolerance is that of the ratio or of its inverse, whichever is below 1
  below_1 <- function(ratio) pmin(ratio, 1 / ratio)
  stopifnot(abs(below_1(c(fitted$estimate, fitted$conf.int)) - below_1(unlist(exact))) < .Machine$double.eps^0.25)
  put(case,
    table = c(a, b, c, d), fisher_p = fitted$p.value, fisher_or = exact$estimate,
    fisher_low = exact$ci_low, fisher_high = exact$ci_high,
    fisher_mid_p = mid_p(x),
    expected = t(suppressWarnings(chisq.test(x)$expected))
  )
  for (correct in c(FALSE, TRUE)) {
    chisq <- suppressWarnings(chisq.test(x, correct = correct))
    put(paste(case, if (correct) "corrected" else "uncorrected"), statistic = chisq$statistic, p_value = chisq$p.value)
  }
  mcnemar <- mcnemar.test(x)
  put(case, mcnemar_statistic = mcnemar$statistic, mcnemar_p = mcnemar$p.value)
  if (b + c > 0) put(case, mcnemar_exact_p = binom.test(b, b + c)$p.value)
  if (min(x) > 0) {
    # Wald's interval of the odds ratio, from a logistic regression
    fit <- glm(x ~ c(1, 0), family = binomial, epsilon = 1e-12, maxit = 100)
    wald <- summary(fit)$coefficients[2, ]
    put(case,
      odds_ratio = exp(wald[1]), odds_ratio_se = wald[2], odds_ratio_p = wald[4],
      odds_ratio_low = exp(wald[1] - qnorm(0.975) * wald[2]), odds_ratio_high = exp(wald[1] + qnorm(0.975) * wald[2])
    )
  }
}

two_by_two("tea", 3, 1, 1, 3)
two_by_two("oligometastatic", 16, 5, 29, 48)
two_by_two("few events", 7, 480, 39, 533)
two_by_two("large", 745, 2818, 52, 1007)
two_by_two("half and half", 1250, 1250, 1250, 1250)
two_by_two("strong", 2400, 60, 45, 2495)
two_by_two("ties", 10, 2, 3, 15)
two_by_two("empty first cell", 0, 12, 9, 30)
two_by_two("empty second cell", 12, 0, 9, 30)
two_by_two("perfect", 3, 0, 0, 54)
two_by_two("epinephrine", 7, 27, 1, 33)
two_by_two("tied tails", 2, 36, 8, 30)
two_by_two("nearly equal", 10, 10, 10, 11)

larger <- function(case, x) {
  test <- suppressWarnings(chisq.test(x))
  put(case,
    table = t(x), shape = dim(x), statistic = test$statistic, df = test$parameter, p_value = test$p.value,
    expected = t(test$expected)
  )
}
larger("hair and eye", as.matrix(margin.table(HairEyeColor, 1:2)))
larger("sparse 3 x 2", matrix(c(1, 9, 4, 3, 2, 8), 3))

# Kappa by its definition, the standard errors by the delta method on the multinomial cell shares with the exact
# (complex-step) gradient: at the observed shares, and at the products of their margins for the null hypothesis.
kappa_of <- function(p) {
  chance <- sum(rowSums(p) * colSums(p))
  (sum(diag(p)) - chance) / (1 - chance)
}
delta_error <- function(p, n) {
  gradient <- p
  for (i in seq_along(p)) {
    moved <- p + 0i
    moved[i] <- moved[i] + 1e-30i
    gradient[i] <- Im(kappa_of(moved)) / 1e-30
  }
  sqrt((sum(p * gradient^2) - sum(p * gradient)^2) / n)
}
agreement <- function(case, x) {
  p <- x / sum(x)
  k <- kappa_of(p)
  se <- delta_error(p, sum(x))
  z <- k / delta_error(outer(rowSums(p), colSums(p)), sum(x))
  put(case,
    table = t(x), shape = dim(x), kappa = k, std_error = se, p_value = 2 * pnorm(-abs(z)),
    ci_low = k - qnorm(0.975) * se, ci_high = k + qnorm(0.975) * se
  )
}
agreement("diagnoses", matrix(c(75, 1, 4, 5, 4, 1, 0, 0, 10), 3, byrow = TRUE))
agreement("two by two", matrix(c(20, 5, 10, 15), 2, byrow = TRUE))
agreement("worse than chance", matrix(c(3, 12, 11, 4), 2, byrow = TRUE))
agreement("four categories", matrix(c(22, 2, 2, 0, 5, 7, 14, 0, 0, 2, 36, 0, 0, 1, 17, 10), 4, byrow = TRUE))

for (counts in list(c(0, 57), c(57, 57), c(1, 3), c(2, 2), c(81, 263), c(15, 148), c(745, 3563), c(4883, 4884))) {
  wilson <- suppressWarnings(prop.test(counts[1], counts[2], correct = FALSE))$conf.int
  exact <- binom.test(counts[1], counts[2])$conf.int
  put(paste(counts, collapse = " of "), wilson = wilson, exact = exact)
}

newcombe <- function(case, x1, n1, x2, n2) {
  first <- suppressWarnings(prop.test(x1, n1, correct = FALSE))
  second <- suppressWarnings(prop.test(x2, n2, correct = FALSE))
  p1 <- x1 / n1; p2 <- x2 / n2
  put(case, counts = c(x1, n1, x2, n2), difference = p1 - p2,
    low = p1 - p2 - sqrt((p1 - first$conf.int[1])^2 + (second$conf.int[2] - p2)^2),
    high = p1 - p2 + sqrt((first$conf.int[2] - p1)^2 + (p2 - second$conf.int[1])^2)
  )
}
newcombe("Newcombe a", 56, 70, 48, 80)
newcombe("Newcombe g", 0, 10, 0, 20)
newcombe("Newcombe h", 10, 10, 0, 10)

put("holm", p = c(0.01, 0.04, 0.03, NA, 0.005, 0.03, 0.9, 0.6))
put("holm", adjusted = p.adjust(c(0.01, 0.04, 0.03, NA, 0.005, 0.03, 0.9, 0.6), "holm"))

strata <- function(case, x) {
  for (correct in c(FALSE, TRUE)) {
    test <- mantelhaen.test(x, correct = correct)
    put(paste(case, if (correct) "corrected" else "uncorrected"),
      tables = aperm(x, c(2, 1, 3)), estimate = test$estimate, ci_low = test$conf.int[1], ci_high = test$conf.int[2],
      statistic = test$statistic, p_value = test$p.value
    )
  }
}
strata("Berkeley admissions", UCBAdmissions)
rabbits <- array(c(0, 0, 6, 5, 3, 0, 3, 6, 6, 2, 0, 4, 5, 6, 1, 0, 2, 5, 0, 0), c(2, 2, 5))
strata("rabbits", rabbits)
strata("hardly any difference", array(c(5, 5, 5, 6, 4, 5, 5, 5), c(2, 2, 2)))
