# Expected values for tests/test_exactness.py: Cox and logistic models from 1 to 40 columns and 5 to 100,000 rows.
#
#   Rscript tests/reference/exactness.R
#
# writes exactness_cases.csv (which model each case is) and exactness.csv (what R says about it) beside this script; the
# rows are those of generator.R, made again by the tests.
options(warn = 2, digits = 17, scipen = 9)
suppressPackageStartupMessages(library(survival))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "generator.R"))

names_of <- function(stem, k) paste(paste0(stem, k), collapse = " ")
registry <- paste(names_of("flag", 1:7), names_of("grade", 2:3), "age")
skewed <- "rare nodes site4 site5 flag7"
continuous <- paste(names_of("z", 1:5))
twenty <- paste(registry, names_of("flag", 8:10), names_of("site", 1:5), "z1 z2")
forty <- paste(twenty, names_of("region", 1:9), names_of("z", 3:12), "nodes")

# rows first + 1 .. first + n
cox_case <- function(name, first, n, columns, time = "days", event = "event", ties = "efron", entry = "", strata = "",
                     weights = "", counts = "", offset = "") {
  data.frame(name, model = "cox", first, n, columns, time, event, ties, entry, strata, weights, counts, offset)
}
logistic_case <- function(name, first, n, columns, event = "outcome", weights = "", offset = "") {
  data.frame(name, model = "logistic", first, n, columns, time = "", event, ties = "", entry = "", strata = "", weights,
             counts = "", offset)
}
n <- 100000
cases <- rbind(
  cox_case("cox_5_rows", 0, 5, "age"),
  cox_case("cox_10_rows_breslow", 0, 10, "z1", "years", ties = "breslow"),
  cox_case("cox_20_rows", 20, 20, "flag1 age", "years"),
  cox_case("cox_50_rows_entry", 50, 50, "flag1 flag2 z1", "years", entry = "entry_years"),
  cox_case("cox_200_rows_10_columns", 100, 200, registry),
  cox_case("cox_1000_rows_20_columns", 1000, 1000, twenty, "years"),
  cox_case("cox_3000_rows_40_columns", 3000, 3000, forty),
  cox_case("cox_20000_counted_rows", 0, 20000, registry, counts = "count"),
  cox_case("cox_1_column", 0, n, "flag1"),
  cox_case("cox_1_number", 0, n, "age"),
  cox_case("cox_registry", 0, n, registry),
  cox_case("cox_registry_breslow", 0, n, registry, ties = "breslow"),
  cox_case("cox_heavy_ties", 0, n, registry, "years"),
  cox_case("cox_heavy_ties_breslow", 0, n, registry, "years", ties = "breslow"),
  cox_case("cox_no_ties", 0, n, registry, "exact"),
  cox_case("cox_continuous", 0, n, continuous),
  cox_case("cox_skewed", 0, n, skewed),
  cox_case("cox_few_events", 0, n, "flag1 flag2 flag3 grade2 grade3 age", event = "few"),
  cox_case("cox_strata", 0, n, registry, strata = "centre"),
  cox_case("cox_delayed_entry", 0, n, registry, entry = "entry_days"),
  cox_case("cox_delayed_entry_ties", 0, n, registry, "years", entry = "entry_years"),
  cox_case("cox_weights", 0, n, registry, "years", weights = "weight"),
  cox_case("cox_offset", 0, n, registry, offset = "shift"),
  cox_case("cox_everything", 0, n, registry, "years", entry = "entry_years", strata = "centre", weights = "weight",
           offset = "shift"),
  cox_case("cox_40_columns", 0, 30000, forty),
  logistic_case("logistic_5_rows", 3, 5, "z1"),
  logistic_case("logistic_20_rows", 20, 20, "flag1 age"),
  logistic_case("logistic_200_rows_10_columns", 100, 200, registry),
  logistic_case("logistic_1000_rows_20_columns", 1000, 1000, twenty),
  logistic_case("logistic_3000_rows_40_columns", 3000, 3000, forty),
  logistic_case("logistic_20000_counted_rows", 0, 20000, registry, weights = "count"),
  logistic_case("logistic_1_column", 0, n, "flag1"),
  logistic_case("logistic_registry", 0, n, registry),
  logistic_case("logistic_continuous", 0, n, continuous),
  logistic_case("logistic_skewed", 0, n, skewed),
  logistic_case("logistic_few_events", 0, n, registry, event = "seldom"),
  logistic_case("logistic_offset", 0, n, registry, offset = "shift"),
  logistic_case("logistic_40_columns", 0, 30000, forty)
)
write.csv(cases, file.path(here, "exactness_cases.csv"), row.names = FALSE, quote = FALSE)

answers <- data.frame(case = "versions", what = c("R", "survival"), name = "",
                      value = c(as.character(getRversion()), as.character(packageVersion("survival"))))
answer <- function(case, what, value, name = "") {
  answers <<- rbind(answers, data.frame(case, what, name, value = sprintf("%.17g", value)))
}

cox <- function(case, data) {
  if (case$counts != "") data <- data[rep(seq_len(nrow(data)), data[[case$counts]]), ]
  surv <- paste0("Surv(", paste(c(if (case$entry != "") case$entry, case$time, case$event), collapse = ", "), ")")
  right <- c(strsplit(case$columns, " ")[[1]], if (case$strata != "") paste0("strata(", case$strata, ")"),
             if (case$offset != "") paste0("offset(", case$offset, ")"))
  data$.w <- if (case$weights == "") rep(1, nrow(data)) else data[[case$weights]]
  fit <- function(eps, iter.max, ...) {
    control <- coxph.control(eps = eps, toler.chol = 1e-15, iter.max = iter.max)
    coxph(as.formula(paste(surv, "~", paste(right, collapse = " + "))), data, .w, ties = case$ties, control = control,
          robust = FALSE, ...)
  }
  # so small an eps can make coxph halve its last step, for a likelihood that differs by rounding alone, and warn of that
  first <- suppressWarnings(fit(1e-14, 100))
  last <- fit(1e-9, 2, init = coef(first))
  list(beta = coef(last), covariance = vcov(last), null = first$loglik[1], loglik = last$loglik[2], n = last$n,
       events = last$nevent)
}

logistic <- function(case, data) {
  x <- cbind("(Intercept)" = 1, as.matrix(data[strsplit(case$columns, " ")[[1]]]))
  weights <- if (case$weights == "") rep(1, nrow(x)) else data[[case$weights]]
  offset <- if (case$offset == "") rep(0, nrow(x)) else data[[case$offset]]
  fit <- function(x, start = NULL) {
    glm.fit(x, data[[case$event]], weights, start, offset = offset, family = binomial(),
            control = glm.control(epsilon = 1e-14, maxit = 100))
  }
  # from the solution once more, as glm's covariance is that of the step before the last
  last <- fit(x, fit(x)$coefficients)
  list(beta = last$coefficients, covariance = chol2inv(last$qr$qr[seq_len(ncol(x)), , drop = FALSE]),
       null = -fit(x[, 1, drop = FALSE])$deviance / 2, loglik = -last$deviance / 2, n = sum(weights),
       events = sum(weights * data[[case$event]]))
}

rows <- generated(n)
sums <- checksums(rows)
answer("rows", "checksum", sums, names(sums))
for (i in seq_len(nrow(cases))) {
  case <- cases[i, ]
  fit <- (if (case$model == "cox") cox else logistic)(case, rows[case$first + seq_len(case$n), ])
  answer(case$name, "coefficient", fit$beta, names(fit$beta))
  answer(case$name, "std_error", sqrt(diag(fit$covariance)), names(fit$beta))
  answer(case$name, "loglik_null", fit$null)
  answer(case$name, "loglik", fit$loglik)
  answer(case$name, "n", fit$n)
  answer(case$name, "n_events", fit$events)
}
write.csv(answers, file.path(here, "exactness.csv"), row.names = FALSE, quote = FALSE)
