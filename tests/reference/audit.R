# Rscript tests/reference/audit.R .venv/lib/python3.*/site-packages/lifelines/datasets/gbsg2.csv tests/reference
# What the audit recomputes, by R: odds ratios, intervals and tests of 2 x 2 tables; the GBSG2 models under other
# choices; how R prints percentages.
library(survival)
arguments <- commandArgs(trailingOnly = TRUE)

values <- list()
put <- function(case, quantity, value) {
  values[[length(values) + 1]] <<- sprintf("%s,%s,%s", case, quantity, sprintf("%.17g", value))
}

# The tables, first group against second: with the feature, size.
tables <- list(
  skin = c(49, 464, 19, 302),
  few_sites = c(16, 21, 29, 77),
  fish = c(743, 3563, 51, 1059),
  small = c(3, 7, 9, 11),
  cured = c(40, 57, 36, 80)
)
for (case in names(tables)) {
  x <- tables[[case]]
  table <- rbind(c(x[1], x[2] - x[1]), c(x[3], x[4] - x[3]))
  fit <- glm(table ~ c(1, 0), family = binomial, control = glm.control(epsilon = 1e-13, maxit = 100))
  exact <- fisher.test(table)
  probability <- dhyper(0:min(colSums(table)[1], x[2]), x[2], x[4], colSums(table)[1])
  observed <- dhyper(x[1], x[2], x[4], colSums(table)[1])
  put(case, "with_1", x[1]); put(case, "n_1", x[2]); put(case, "with_2", x[3]); put(case, "n_2", x[4])
  put(case, "sample", exp(coef(fit)[2]))
  put(case, "conditional", exact$estimate)
  put(case, "std_error", summary(fit)$coefficients[2, 2])
  put(case, "Wald", summary(fit)$coefficients[2, 4])
  put(case, "likelihood ratio", anova(fit, test = "LRT")[2, "Pr(>Chi)"])
  put(case, "score", anova(fit, test = "Rao")[2, "Pr(>Chi)"])
  put(case, "chi-square", suppressWarnings(chisq.test(table, correct = FALSE))$p.value)
  put(case, "chi-square with correction", suppressWarnings(chisq.test(table))$p.value)
  put(case, "Fisher", exact$p.value)
  put(case, "mid-p", sum(probability[probability < observed * (1 - 1e-7)]) +
        sum(probability[abs(probability / observed - 1) <= 1e-7]) / 2)
  put(case, "Wald low", exp(confint.default(fit)[2, 1])); put(case, "Wald high", exp(confint.default(fit)[2, 2]))
  profiled <- suppressMessages(confint(fit))
  put(case, "profile low", exp(profiled[2, 1])); put(case, "profile high", exp(profiled[2, 2]))
  put(case, "exact low", exact$conf.int[1]); put(case, "exact high", exact$conf.int[2])
}

# Choices that the protocol of GBSG2 does not make.
raw <- read.csv(arguments[1])
women <- with(raw, data.frame(
  hormone = factor(horTh, c("no", "yes")), age = age / 10, menopause = factor(menostat, c("Pre", "Post")),
  size = tsize / 10, grade = factor(tgrade, c("I", "II", "III")), nodes = pnodes, pgr = progrec / 100,
  er = estrec / 100, time = time, event = cens
))
strict <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
all_terms <- Surv(time, event) ~ hormone + age + menopause + size + grade + nodes + pgr + er
alone <- coxph(Surv(time, event) ~ hormone, women, control = strict)
breslow <- coxph(all_terms, women, ties = "breslow", control = strict)
women$from_ii <- relevel(women$grade, "II")
from_ii <- coxph(update(all_terms, . ~ . - grade + from_ii), women, control = strict)
put("gbsg2", "nodes by Breslow", exp(coef(breslow)["nodes"]))
put("gbsg2", "hormone likelihood ratio p", summary(alone)$logtest[["pvalue"]])
put("gbsg2", "hormone score p", summary(alone)$sctest[["pvalue"]])
put("gbsg2", "grade III against II", exp(coef(from_ii)["from_iiIII"]))
put("gbsg2", "grade III against II by Breslow",
    exp(coef(coxph(update(all_terms, . ~ . - grade + from_ii), women, ties = "breslow", control = strict))["from_iiIII"]))
put("gbsg2", "no hormone against hormone", exp(-coef(alone)))
months <- function(days, interval) {
  summary(survfit(Surv(time / days, event) ~ hormone, women, conf.type = interval))$table["hormone=no", ]
}
put("gbsg2", "median in months of 30 days", months(30, "log")[["median"]])
put("gbsg2", "log-log lower limit of the median", months(30.4375, "log-log")[["0.95LCL"]])
put("gbsg2", "log-log lower limit of the median in months of 30 days", months(30, "log-log")[["0.95LCL"]])

versions <- paste0("# ", R.version.string, ", survival ", packageVersion("survival"))
writeLines(c(versions, "case,quantity,value", unlist(values)), file.path(arguments[2], "audit.csv"))

# Percentages as sprintf prints them, ties and all of some denominators.
printed <- c()
for (n in 1:400) for (k in 0:n) for (decimals in 0:1) {
  tie <- abs((1000 * k * 10^decimals / n) %% 10 - 5) < 1e-9
  if (tie || n %in% c(40, 57, 77)) {
    printed <- c(printed, sprintf("%d,%d,%s,%s", k, n, sprintf("%.*f", decimals, 100 * k / n),
                                  sprintf("%.*f", decimals, 100 * (k / n))))
  }
}
writeLines(c(versions, "k,n,percent,share", printed), file.path(arguments[2], "audit_percentages.csv"))
