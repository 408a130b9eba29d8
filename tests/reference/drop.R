# Rscript tests/reference/drop.R tests/reference
# Cox models on an earlier drop (drop_before.csv), a newer one (drop_after.csv; both invented) and the extracts between them:
# previous -> cells of the patients in both as they are now -> their follow-up as it is now -> gone and new patients.
library(survival)
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, name), colClasses = c(id = "character", grade = "character"))
before <- read("drop_before.csv")
after <- read("drop_after.csv")
follow_up <- c("days", "died")

gone <- before[!before$id %in% after$id, ]
shared <- after[after$id %in% before$id, ]
recoded <- shared
recoded[follow_up] <- before[match(shared$id, before$id), follow_up]
steps <- list(before = before, recoded = rbind(recoded, gone), follow_up = rbind(shared, gone), after = after)

fit <- function(step, formula, model) {
  control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
  found <- coxph(formula, steps[[step]], ties = "efron", control = control)
  data.frame(step, model, term = names(coef(found)), coef = coef(found), std_error = sqrt(diag(vcov(found))), n = found$n, events = found$nevent)
}
survived <- function(right) as.formula(paste("Surv(days, died == 'yes') ~", right))
rows <- do.call(rbind, lapply(names(steps), function(step) rbind(
  fit(step, survived("liver"), "univariable"),
  fit(step, survived("age"), "univariable"),
  fit(step, survived("liver + age"), "multivariable")
)))
rows[] <- lapply(rows, function(x) if (is.double(x)) sprintf("%.17g", x) else x)
out <- file(file.path(folder, "drop.csv"), "w")
writeLines(sprintf("# %s, survival %s", R.version.string, packageVersion("survival")), out)
write.csv(rows, out, row.names = FALSE, quote = FALSE)
close(out)
