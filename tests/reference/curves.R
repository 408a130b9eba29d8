# Rscript curves.R <gbsg2.csv of the lifelines package> > curves.csv
# Kaplan-Meier curves, medians, survival at chosen times and log-rank tests: case, quantity, value (17 digits).
library(survival)

cat("#", R.version.string, "survival", as.character(packageVersion("survival")), "\n")
cat("case,quantity,value\n")
put <- function(case, ...) {
  values <- list(...)
  for (name in names(values)) {
    cat(sprintf("%s,%s,%s\n", case, name, sprintf("%.17g", as.numeric(values[[name]]))), sep = "")
  }
}

# every: keep one step in so many, to keep the file small
curve <- function(case, y, at, every = 1) {
  for (interval in c("log", "log-log", "plain")) {
    fit <- survfit(y ~ 1, conf.type = interval)
    at_times <- summary(fit, times = at)
    step <- seq(1, length(fit$time), every)
    put(paste(case, interval),
      time = fit$time[step], at_risk = fit$n.risk[step], events = fit$n.event[step], censored = fit$n.censor[step],
      survival = fit$surv[step], std_error = fit$std.err[step], ci_low = fit$lower[step], ci_high = fit$upper[step],
      median = summary(fit)$table[c("median", "0.95LCL", "0.95UCL")],
      at = at_times$time, at_survival = at_times$surv, at_ci_low = at_times$lower, at_ci_high = at_times$upper,
      at_risk_at = at_times$n.risk
    )
  }
}

test <- function(case, fit) {
  # One column a stratum
  observed <- rowSums(as.matrix(fit$obs))
  expected <- rowSums(as.matrix(fit$exp))
  put(case,
    statistic = fit$chisq, df = sum(expected > 0) - 1, p_value = fit$pvalue, observed = observed, expected = expected
  )
}

# survdiff takes no delayed entry; the score test of the exact partial likelihood is the same test. Its time grows
# with the number of ways to choose the tied events, so the data are few and no step is taken from the null.
score_test <- function(case, fit) {
  df <- length(coef(fit))
  put(case, statistic = fit$score, df = df, p_value = pchisq(fit$score, df, lower.tail = FALSE))
}

gbsg2 <- read.csv(commandArgs(trailingOnly = TRUE)[1])
curve("gbsg2", Surv(gbsg2$time, gbsg2$cens), c(365, 730, 1826), every = 20)
curve("gbsg2 hormone therapy", with(subset(gbsg2, horTh == "yes"), Surv(time, cens)), c(365, 730, 1826), every = 20)
test("gbsg2 by horTh", survdiff(Surv(time, cens) ~ horTh, gbsg2))
test("gbsg2 by tgrade", survdiff(Surv(time, cens) ~ tgrade, gbsg2))
test("gbsg2 by horTh within tgrade", survdiff(Surv(time, cens) ~ horTh + strata(tgrade), gbsg2))

set.seed(20240601)
n <- 90
ties <- data.frame(
  time = sample(1:12, n, TRUE), event = rbinom(n, 1, 0.6), group = sample(1:3, n, TRUE), strata = sample(1:2, n, TRUE)
)
do.call(put, c("ties", ties))
curve("ties", with(ties, Surv(time, event)), 1:12)
test("ties by group", survdiff(Surv(time, event) ~ group, ties))
test("ties by group within strata", survdiff(Surv(time, event) ~ group + strata(strata), ties))

n <- 60
delayed <- data.frame(
  entry = sample(0:20, n, TRUE), event = rbinom(n, 1, 0.7), group = sample(1:3, n, TRUE), strata = sample(1:2, n, TRUE)
)
delayed$time <- delayed$entry + sample(1:10, n, TRUE)
do.call(put, c("delayed", delayed))
# At times at which somebody leaves: between them summary() gives the number at risk at the next one
curve("delayed", with(delayed, Surv(entry, time, event)), c(3, 5, 10, 20))
exact <- coxph(Surv(entry, time, event) ~ factor(group), delayed, ties = "exact", iter.max = 0)
score_test("delayed by group", exact)
score_test("delayed by group within strata", update(exact, . ~ . + strata(strata)))

# Survival that stands at one half exactly: for two steps, to the end of follow-up, and after rounding
curve("half", Surv(c(1, 2, 3, 4), c(1, 1, 1, 1)), 1:4)
curve("half to the end", Surv(c(1, 2, 3, 4), c(1, 1, 0, 0)), 1:4)
curve("half after rounding", Surv(1:10, c(1, 1, 1, 1, 1, 0, 1, 1, 1, 1)), 1:10)
curve("never below half", Surv(c(1, 2, 3, 4), c(0, 1, 0, 0)), 1:4)
curve("no event", Surv(c(1, 2, 3), c(0, 0, 0)), 1:3)
