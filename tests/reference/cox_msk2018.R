# Expected values for tests/test_exactness.py: msk2018 with delayed entry, at the level of the fit.
#
#   Rscript tests/reference/cox_msk2018.R data/msk2018/raw tests/reference/msk2018.csv tests/reference/cox_msk2018.csv
#
# msk2018.R cleans the raw files (and writes its own answers); here are more models of its `followed` patients. Aggregates only.
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "msk2018.R"))
# ties: whole years, of entry downwards and of exit upwards
followed$entry_years <- floor(followed$entry / 12)
followed$years <- ceiling(followed$time / 12)

answers <- data.frame(case = "versions", what = c("R", "survival"), name = "",
                      value = c(as.character(getRversion()), as.character(packageVersion("survival"))))
answer <- function(case, what, value, name = "") {
  answers <<- rbind(answers, data.frame(case, what, name, value = sprintf("%.17g", value)))
}
for (unit in c("months", "years")) for (ties in c("efron", "breslow")) for (strata in c("", "er")) {
  y <- if (unit == "months") "Surv(entry, time, event)" else "Surv(entry_years, years, event)"
  right <- if (strata == "") terms else c(setdiff(terms, "er"), "strata(er)")
  data <- complete(followed, terms)
  # COX and then LAST_STEP, as in study.R
  first <- suppressWarnings(coxph(formula_of(y, right), data, ties = ties, control = COX))
  last <- coxph(formula_of(y, right), data, ties = ties, init = coef(first), control = LAST_STEP)
  case <- paste(c(unit, ties, if (strata != "") strata), collapse = "_")
  answer(case, "coefficient", coef(last), names(coef(last)))
  answer(case, "std_error", sqrt(diag(vcov(last))), names(coef(last)))
  answer(case, "loglik_null", first$loglik[1])
  answer(case, "loglik", last$loglik[2])
  answer(case, "n", last$n)
  answer(case, "n_events", last$nevent)
}
write.csv(answers, arguments[3], row.names = FALSE, quote = FALSE)
