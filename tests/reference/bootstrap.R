# Expected values for tests/test_bootstrap.py.
#
#   Rscript tests/reference/bootstrap.R tests/reference
#
# reads cox_rows.csv and bootstrap_draws.csv (a line for each replicate: how often recohort draws each of the first 150
# rows) and writes bootstrap.csv: coefficients of coxph and glm on the rows, repeated as often as they are drawn.
options(warn = 2, digits = 17)
suppressPackageStartupMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
rows <- read.csv(file.path(folder, "cox_rows.csv"))[1:150, ]
draws <- as.matrix(read.csv(file.path(folder, "bootstrap_draws.csv"), header = FALSE))

# coxph halves a last step that rounding makes look worse: one more step of Newton's method is taken by hand
last_step <- function(fit) {
  detail <- coxph.detail(fit)
  score <- colSums(as.matrix(detail$score))
  coef(fit) + drop(fit$var %*% score)
}
answers <- data.frame(model = "versions", replicate = "", column = c("R", "survival"),
                      value = c(paste(R.version$major, R.version$minor, sep = "."), format(packageVersion("survival"))))
add <- function(model, replicate, values)
  answers <<- rbind(answers, data.frame(model, replicate, column = names(values), value = sprintf("%.17g", values)))

for (i in seq_len(nrow(draws))) {
  drawn <- rows[rep(seq_len(nrow(rows)), draws[i, ]), ]
  exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
  add("cox", i - 1, last_step(coxph(Surv(days, event) ~ a + c + age, drawn, control = exact)))
  add("years", i - 1, last_step(coxph(Surv(entry_years, years, event) ~ a + age + strata(b), drawn, control = exact)))
  add("logistic", i - 1, coef(glm(event ~ a + c + age, binomial, drawn, control = list(epsilon = 1e-15, maxit = 50)))[-1])
}
write.csv(answers, file.path(folder, "bootstrap.csv"), row.names = FALSE, quote = FALSE)
