# Rscript tests/reference/summary.R .venv/lib/python3.*/site-packages/lifelines/datasets/gbsg2.csv > tests/reference/summary.csv
# Table 1 of GBSG2: counts, quartiles (type 7), tests and standardised differences: case, variable, level, group, quantity, value.
cat("#", R.version.string, "\n")
cat("case,variable,level,group,quantity,value\n")
put <- function(...) {
  values <- list(...)
  cat(paste(values[1:5], collapse = ","), ",", sprintf("%.17g", as.numeric(values[[6]])), "\n", sep = "")
}

of_means <- function(x, y) abs(mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2)

# Yang & Dalton (2012): Mahalanobis distance of the shares of all levels but the first
of_shares <- function(counts) {
  shares <- prop.table(counts, 2)[-1, , drop = FALSE]
  covariance <- function(p) diag(p, length(p)) - outer(p, p)
  d <- shares[, 1] - shares[, 2]
  sqrt(drop(t(d) %*% solve((covariance(shares[, 1]) + covariance(shares[, 2])) / 2) %*% d))
}

factor_test <- function(counts) {
  expected <- outer(rowSums(counts), colSums(counts)) / sum(counts)
  if (all(dim(counts) == 2) && min(expected) < 5) fisher.test(counts) else suppressWarnings(chisq.test(counts, correct = FALSE))
}

describe <- function(case, name, x, g) {
  for (group in c("", levels(g))) {
    inside <- if (group == "") rep(TRUE, length(x)) else g == group
    put(case, name, "", group, "n", sum(!is.na(x[inside])))
    put(case, name, "", group, "n_missing", sum(is.na(x[inside])))
    if (is.factor(x)) {
      for (level in levels(x)) put(case, name, level, group, "n", sum(x[inside] == level, na.rm = TRUE))
    } else {
      q <- quantile(x[inside], c(0.25, 0.5, 0.75), na.rm = TRUE, names = FALSE)
      for (i in 1:3) put(case, name, "", group, c("q1", "median", "q3")[i], q[i])
    }
  }
  known <- !is.na(x)
  two <- nlevels(g) == 2
  if (is.factor(x)) {
    counts <- table(x[known], g[known])
    put(case, name, "", "", "p_value", factor_test(counts)$p.value)
    if (two) put(case, name, "", "", "std_difference", of_shares(counts))
  } else {
    samples <- split(x[known], g[known])
    test <- if (two) suppressWarnings(wilcox.test(samples[[1]], samples[[2]], exact = FALSE)) else kruskal.test(samples)
    put(case, name, "", "", "p_value", test$p.value)
    if (two) put(case, name, "", "", "std_difference", of_means(samples[[1]], samples[[2]]))
  }
}

everything <- function(case, data, by, variables) {
  for (name in variables) describe(case, name, data[[name]], data[[by]])
}

gbsg2 <- read.csv(commandArgs(trailingOnly = TRUE)[1], stringsAsFactors = TRUE)
gbsg2$menostat <- factor(gbsg2$menostat, c("Pre", "Post"))
everything("complete", gbsg2, "horTh", c("age", "menostat", "tsize", "tgrade", "pnodes"))
everything("three groups", gbsg2, "tgrade", c("age", "menostat", "horTh"))
# every seventh age and every fifth grade unknown
gaps <- gbsg2
gaps$age[seq(1, nrow(gaps), 7)] <- NA
gaps$tgrade[seq(1, nrow(gaps), 5)] <- NA
everything("missing", gaps, "horTh", c("age", "tgrade"))
# few patients: Fisher's test where a count below 5 is expected
everything("few", gbsg2[1:20, ], "horTh", c("age", "menostat"))
