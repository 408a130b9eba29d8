# Expected values for tests/statistics/test_near_ties.py.
#
#   Rscript tests/reference/near_ties.R tests/reference
#
# writes near_ties_rows.csv, made-up times that are differences of decimals in years, months or parts of a day, so that
# times that should be equal differ in their last bits; and near_ties.csv, what survival gives of them: aeqSurv's times,
# survfit's curve, survdiff's test, and coxph's model with entry and strata (timefix = TRUE, the default, in all).
options(warn = 2, digits = 17)
suppressPackageStartupMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20261201)

noisy <- function(name, n, step, unit, late) {
  begin <- sample(0:40, n, replace = TRUE) * step
  entry <- if (late) begin + sample(0:5, n, replace = TRUE) * step else begin
  stop <- begin + sample(6:30, n, replace = TRUE) * step
  data.frame(case = name, time = (stop - begin) / unit, event = rbinom(n, 1, 0.6), entry = (entry - begin) / unit,
             group = rbinom(n, 1, 0.5), stratum = rbinom(n, 1, 0.4), x = round(rnorm(n), 1))
}
rows <- rbind(
  # the example by hand: 1 - 0, 0.5 - 0.2 and 0.4 - 0.1
  data.frame(case = "three", time = c(0.5 - 0.2, 0.4 - 0.1, 1 - 0), event = c(0, 1, 0), entry = 0,
             group = c(0, 1, 0), stratum = 0, x = c(0, 1, 0.5)),
  noisy("tenths of a year", 60, 0.1, 1, FALSE), noisy("hundredths late", 80, 0.01, 1, TRUE),
  noisy("months", 70, 1 / 12, 1, TRUE), noisy("days in years", 90, 7 / 365.25, 1, TRUE),
  noisy("thousands", 50, 1000.1, 0.3, TRUE),
  # chains: each near the one before, the ends not near each other
  data.frame(case = "chain", time = 5 + c(0, 4, 8, 12, 16, 2e8) * 1e-8, event = c(1, 1, 0, 1, 1, 1), entry = 0,
             group = c(0, 1, 1, 0, 1, 0), stratum = 0, x = c(0.1, 0.5, 0.2, 0.9, 0.3, 0.4)),
  # the absolute and the relative tolerance, met and just missed
  data.frame(case = "small", time = c(1, 1 + 1e-8, 1 + 4e-8, 2, 3) / 100, event = c(1, 1, 1, 0, 1), entry = 0,
             group = c(0, 1, 0, 1, 1), stratum = 0, x = c(0.1, 0.5, 0.2, 0.9, 0.3)),
  data.frame(case = "large", time = c(1, 1 + 5e-7, 1 + 4e-6, 100, 200), event = c(1, 1, 1, 0, 1), entry = 0,
             group = c(0, 1, 0, 1, 1), stratum = 0, x = c(0.1, 0.5, 0.2, 0.9, 0.3)),
  data.frame(case = "whole", time = c(3, 3, 4, 5, 40000, 40001), event = c(1, 0, 1, 1, 1, 0), entry = c(0, 1, 3, 3, 2, 4),
             group = c(0, 1, 0, 1, 1, 0), stratum = c(0, 0, 0, 1, 1, 1), x = c(0.1, 0.5, 0.2, 0.9, 0.3, 0.7))
)
numbers <- c("time", "entry", "x")
written <- rows
written[numbers] <- lapply(rows[numbers], function(v) sprintf("%.17g", v))
write.csv(written, file.path(folder, "near_ties_rows.csv"), row.names = FALSE, quote = FALSE)

answers <- data.frame(case = "versions", what = c("R", "survival"),
                      value = c(paste(R.version$major, R.version$minor, sep = "."), format(packageVersion("survival"))))
add <- function(case, what, values)
  answers <<- rbind(answers, data.frame(case, what, value = sprintf("%.17g", as.numeric(values))))

# coxph halves a last step that rounding makes look worse: one more step of Newton's method is taken by hand
exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
last_step <- function(fit) coef(fit) + drop(fit$var %*% colSums(as.matrix(coxph.detail(fit)$score)))

for (name in unique(rows$case)) {
  d <- rows[rows$case == name, ]
  late <- any(d$entry != 0)
  y <- if (late) Surv(d$entry, d$time, d$event) else Surv(d$time, d$event)
  tied <- unclass(aeqSurv(y))
  add(name, "time", tied[, if (late) 2 else 1])
  if (late) add(name, "entry", tied[, 1])
  curve <- survfit(y ~ 1)
  for (part in c("time", "n.risk", "n.event", "surv", "std.err")) add(name, paste0("curve_", part), curve[[part]])
  if (!late) {
    test <- survdiff(y ~ d$group)
    add(name, "logrank", test$chisq)
  } else {
    test <- coxph(y ~ d$group, ties = "exact", control = exact)
    add(name, "logrank", test$score)
  }
  if (nrow(d) > 20) {
    fit <- coxph(y ~ x + group + strata(stratum), d, control = exact)
    add(name, "coefficients", last_step(fit))
    add(name, "std_error", sqrt(diag(vcov(fit))))
  }
}
write.csv(answers, file.path(folder, "near_ties.csv"), row.names = FALSE, quote = FALSE)
