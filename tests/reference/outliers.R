# Expected values for tests/statistics/test_outliers.py: models with a column on a strange scale, or a value far outside.
#
#   Rscript tests/reference/outliers.R tests/reference
#
# writes outliers_rows.csv, the rows with the strange column, and outliers.csv. R itself stops early on such columns, so each
# case is fitted on a column of ordinary scale that has the same answer: the same rows in another unit, or, where a far value
# ends with all or nothing of the probability (exp(-100) of it at least), the rows without it, which then add just nothing.
options(warn = 2, digits = 17)
suppressPackageStartupMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
set.seed(99999999)

exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
rows <- NULL
answers <- data.frame(case = "versions", what = c("R", "survival"),
                      value = c(paste(R.version$major, R.version$minor, sep = "."), format(packageVersion("survival"))))
add <- function(case, what, values)
  answers <<- rbind(answers, data.frame(case, what, value = sprintf("%.17g", as.numeric(values))))
keep <- function(case, model, ties, d) rows <<- rbind(rows, data.frame(case, model, ties, d))

# coxph halves a last step that rounding makes look worse: one more step of Newton's method is taken by hand
last_step <- function(fit) coef(fit) + drop(fit$var %*% colSums(as.matrix(coxph.detail(fit)$score)))

# d has the strange x; fitted has an ordinary one, x of d being unit times it; both have z or not
cox_case <- function(name, d, fitted, unit = 1, ties = "efron") {
  keep(name, "cox", ties, d)
  terms <- if (length(unique(d$z)) > 1) "x + z" else "x"
  right <- paste(terms, "+ strata(stratum)")
  late <- any(d$entry > 0)
  left <- if (late) "Surv(entry, time, event)" else "Surv(time, event)"
  fit <- coxph(as.formula(paste(left, "~", right)), fitted, ties = ties, control = exact)
  scale <- c(unit, 1)[seq_along(coef(fit))]
  add(name, "coefficient", last_step(fit) / scale)
  add(name, "std_error", sqrt(diag(vcov(fit))) / scale)
  add(name, "loglik", fit$loglik[2])
  # without x, of all rows
  null <- coxph(as.formula(paste(left, "~", if (terms == "x") "strata(stratum)" else "z + strata(stratum)")), d, ties = ties,
                control = exact)
  add(name, "likelihood_ratio", 2 * (fit$loglik[2] - tail(null$loglik, 1)))
}
logistic_case <- function(name, d, fitted, unit = 1) {
  keep(name, "logistic", "", d)
  terms <- if (length(unique(d$z)) > 1) "x + z" else "x"
  control <- list(epsilon = 1e-15, maxit = 100)
  fit <- glm(as.formula(paste("event ~", terms)), binomial, fitted, control = control)
  # glm's standard errors are those before its last step
  fit <- glm(as.formula(paste("event ~", terms)), binomial, fitted, control = control, start = coef(fit))
  scale <- c(unit, 1)[seq_along(coef(fit)[-1])]
  add(name, "coefficient", coef(fit)[-1] / scale)
  add(name, "std_error", sqrt(diag(vcov(fit)))[-1] / scale)
  add(name, "loglik", -deviance(fit) / 2)
  null <- glm(as.formula(paste("event ~", if (terms == "x") "1" else "z")), binomial, d, control = control)
  add(name, "likelihood_ratio", deviance(null) - deviance(fit))
}
followed <- function(x, time, event, z = 0, entry = 0, stratum = 0) data.frame(x, z, time, event, entry, stratum)

# --- of the report: 999999 has no event, so that at the maximum it has no probability of one --------------------------------
logistic <- followed(c(20, 35, 40, 50, 55, 60, 70, 80, 90, 999999), 1, c(1, 1, 0, 1, 0, 1, 0, 0, 0, 0))
logistic_case("logistic of the report", logistic, logistic[1:9, ])
logistic_case("logistic turned round", transform(logistic, x = -x), transform(logistic, x = -x)[1:9, ])
# 1e8 has the last event of all, alone at risk, and no hazard before it
cox <- followed(c(0, 0, 0, 1, 0, 1, 1, 1e8), 1:8, 1)
cox_case("cox of the report", cox, cox[1:7, ])
cox_case("cox of the report, breslow", cox, cox[1:7, ], ties = "breslow")
cox_case("cox turned round", transform(cox, x = -x), transform(cox, x = -x)[1:7, ])
# the first event of all has all of the hazard
first <- followed(c(1e8, 1, 0, 1, 0, 0, 1, 0), 1:8, 1)
cox_case("first event", first, first[-1, ])

# --- studies of 200 and of 766 patients, whole years of age -----------------------------------------------------------------
for (n in c(766, 200)) {
age <- sample(30:80, n, replace = TRUE)
z <- rbinom(n, 1, 0.4)
died <- rexp(n, exp(0.03 * (age - 55) + 0.4 * z) / 900)
study <- followed(age, ceiling(pmin(died, 1500)), as.numeric(died <= 1500), z, 0, rbinom(n, 1, 0.3))
# every day has one event at most, the earliest is before all censoring
study$time <- rank(study$time, ties.method = "first")
early <- which.min(ifelse(study$event == 1, study$time, Inf))
alone <- transform(study, stratum = 0)
far <- function(d, i, value) { d$x[i] <- value; d }
cox_case(paste("first event alone of", n), transform(far(alone, early, 99999999), z = 0), transform(alone, z = 0)[-early, ])
}
late <- transform(study, entry = floor(time * runif(n, 0, 0.5)))
late$entry[early] <- 0
for (value in c(99999999, 1e6)) {
  cox_case(paste("first event at", value), far(alone, early, value), alone[-early, ])
  cox_case(paste("first event alone at", value), transform(far(alone, early, value), z = 0), transform(alone, z = 0)[-early, ])
}
other <- which.min(ifelse(study$event == 1 & study$stratum != study$stratum[early], study$time, Inf))
cox_case("first event of a stratum", far(study, other, 99999999), study[-other, ])
# early comes before every entry but those at 0
late$entry[late$entry < late$time[early]] <- 0
cox_case("first event, delayed entry", far(transform(late, stratum = 0), early, 99999999), transform(late, stratum = 0)[-early, ])
# against the others: the effect is next to none, and the unit of 1e8 an ordinary one
against <- which(study$event == 0)[5]
for (i in c(against, which(study$event == 1)[7])) for (ties in c("efron", "breslow")) {
  d <- far(alone, i, 99999999)
  cox_case(paste("against, row", i, ties), d, transform(d, x = x / 1e8), 1e8, ties)
  cox_case(paste("against, alone, row", i, ties), transform(d, z = 0), transform(d, x = x / 1e8, z = 0), 1e8, ties)
}
# heavy ties, where no far value has a day of its own
tied <- transform(alone, time = ceiling(time / 40))
cox_case("scale 1e8", transform(tied, x = x * 1e8), tied, 1e8)
cox_case("scale 1e-8", transform(tied, x = x * 1e-8), tied, 1e-8)
cox_case("calendar years", transform(tied, x = 2026 + x / 365.25), transform(tied, x = (2026 + x / 365.25) - 2026))
cox_case("numbers of days", transform(tied, x = 20260101 + x), tied)

with <- which(study$event == 1)[3]
without <- which(study$event == 0)[3]
logistic_case("logistic, far with the event", far(study, with, 99999999), study[-with, ])
logistic_case("logistic, far without it", far(study, without, -99999999), study[-without, ])
logistic_case("logistic alone, far with the event", transform(far(study, with, 1e6), z = 0), transform(study, z = 0)[-with, ])
logistic_case("logistic, scale 1e8", transform(study, x = x * 1e8), study, 1e8)
logistic_case("logistic, scale 1e-8", transform(study, x = x * 1e-8), study, 1e-8)
logistic_case("logistic, calendar years", transform(study, x = 2026 + x / 365.25), transform(study, x = (2026 + x / 365.25) - 2026))

rows$x <- sprintf("%.17g", rows$x)
write.csv(rows, file.path(folder, "outliers_rows.csv"), row.names = FALSE, quote = TRUE)
write.csv(answers, file.path(folder, "outliers.csv"), row.names = FALSE, quote = TRUE)
