# Rscript tests/reference/peer.R cohort.csv folder
# The analyses of data/gim14/study.yaml as a plain R script, from the cleaned cohort: Table 1, logistic and Cox models as
# tables and forest plots, Kaplan-Meier curves. It is no part of recohort: `make bench` times it beside a run.
library(survival)

arguments <- commandArgs(trailingOnly = TRUE)
cohort <- read.csv(arguments[1], stringsAsFactors = TRUE, na.strings = "")
folder <- arguments[2]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

sites <- c("cns", "nodes", "lung", "liver", "skin", "pleura")
prognostic <- c("ihc", "age", "er", "grade", "de_novo", "neo_tx", "neo_chemo", "radiotherapy", sites)
described <- c("age", "menopause", "stage", "grade", "ki67", "er", "pr", "neo_tx", "neo_chemo", "radiotherapy", sites, "bone", "regimen")
populations <- list(all = cohort, ihc_3 = subset(cohort, ihc == "3+"), ihc_2 = subset(cohort, ihc == "2+"))

save_table <- function(table, name) write.csv(table, file.path(folder, paste0(name, ".csv")), row.names = FALSE)

save_figure <- function(name, width, height, draw) {
  pdf(file.path(folder, paste0(name, ".pdf")), width, height)
  draw()
  invisible(dev.off())
  png(file.path(folder, paste0(name, ".png")), width, height, units = "in", res = 200)
  draw()
  invisible(dev.off())
}

# Table 1
describe <- function(variable) {
  x <- cohort[[variable]]
  if (is.numeric(x)) {
    quartiles <- tapply(x, cohort$ihc, function(x) sprintf("%.0f (%.0f to %.0f)", median(x, na.rm = TRUE), quantile(x, 0.25, na.rm = TRUE), quantile(x, 0.75, na.rm = TRUE)))
    return(data.frame(variable, level = "", t(quartiles), p = wilcox.test(x ~ cohort$ihc, exact = FALSE)$p.value, check.names = FALSE))
  }
  counts <- table(x, cohort$ihc)
  percent <- 100 * prop.table(counts, 2)
  cells <- matrix(sprintf("%d (%.1f)", counts, percent), nrow(counts), dimnames = list(NULL, colnames(counts)))
  data.frame(variable, level = rownames(counts), cells, p = suppressWarnings(chisq.test(counts, correct = FALSE))$p.value, check.names = FALSE)
}
save_table(do.call(rbind, lapply(described, describe)), "table1")

# Regression: each term alone, then together
tidy <- function(fit, model) {
  limits <- confint.default(fit)
  keep <- rownames(limits) != "(Intercept)"
  s <- sqrt(diag(vcov(fit)))
  data.frame(model, term = names(coef(fit)), n = nobs_of(fit), ratio = exp(coef(fit)), low = exp(limits[, 1]), high = exp(limits[, 2]),
             p = 2 * pnorm(-abs(coef(fit) / s)))[keep, ]
}
nobs_of <- function(fit) if (inherits(fit, "coxph")) fit$n else nobs(fit)
regress <- function(fit, response, terms) {
  alone <- lapply(terms, function(term) tidy(fit(reformulate(term, response)), "univariable"))
  rbind(do.call(rbind, alone), tidy(fit(reformulate(terms, response)), "multivariable"))
}

forest <- function(table, label) {
  function() {
    table <- table[is.finite(table$low) & is.finite(table$high), ]
    rows <- rev(seq_len(nrow(table)))
    par(mar = c(4, 14, 2, 12))
    plot(table$ratio, rows, log = "x", xlim = c(0.1, 10), pch = 15, yaxt = "n", ylab = "", xlab = label, cex = sqrt(table$n / max(table$n)) * 1.5)
    segments(pmax(table$low, 0.1), rows, pmin(table$high, 10), rows)
    abline(v = 1, lty = 2)
    axis(2, rows, paste(table$term, ifelse(table$model == "univariable", "", "(multi)")), las = 1, tick = FALSE)
    axis(4, rows, sprintf("%.2f (%.2f to %.2f)  p %.3f", table$ratio, table$low, table$high, table$p), las = 1, tick = FALSE)
  }
}

# IHC 3+ against 2+ by metastatic site
site_models <- regress(function(formula) glm(formula, binomial, cohort), "I(ihc == '3+')", sites)
save_table(site_models, "sites")
save_figure("sites", 9, 5, forest(site_models, "Odds ratio of IHC 3+"))

# Overall survival and time to treatment failure
for (endpoint in c("os", "ttf")) {
  response <- sprintf("Surv(%s_time_days, %s_event)", endpoint, endpoint)
  for (name in names(populations)) {
    data <- populations[[name]]
    terms <- if (name == "all") prognostic else setdiff(prognostic, "ihc")
    table <- regress(function(formula) coxph(formula, data), response, terms)
    save_table(table, paste(endpoint, name, sep = "_"))
    save_figure(paste(endpoint, name, sep = "_"), 9, 9, forest(table, "Hazard ratio"))
  }
  curve <- survfit(reformulate("ihc", response), cohort)
  p <- survdiff(reformulate("ihc", response), cohort)$pvalue
  save_table(as.data.frame(summary(curve)$table), paste0(endpoint, "_median"))
  save_figure(paste0(endpoint, "_curve"), 7, 6, function() {
    months <- seq(0, 120, 24)
    days <- months * 30.4375
    par(mar = c(8, 5, 2, 1))
    plot(curve, mark.time = TRUE, conf.int = TRUE, col = c("#0072B2", "#D55E00"), xlim = range(days), xaxt = "n", xlab = "Months", ylab = "Survival")
    axis(1, days, months)
    legend("topright", levels(cohort$ihc), col = c("#0072B2", "#D55E00"), lty = 1, title = sprintf("log-rank p = %.3f", p))
    at_risk <- matrix(summary(curve, times = days, extend = TRUE)$n.risk, ncol = 2)
    for (i in 1:2) mtext(at_risk[, i], 1, 3 + i, at = days, cex = 0.8)
  })
}
