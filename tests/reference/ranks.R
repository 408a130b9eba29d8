# Rscript ranks.R > ranks.csv
# Rank tests and quartiles: case, quantity, value (17 digits).
cat("#", R.version.string, "stats", as.character(packageVersion("stats")), "\n")
cat("case,quantity,value\n")
put <- function(case, ...) {
  values <- list(...)
  for (name in names(values)) {
    cat(sprintf("%s,%s,%s\n", case, name, sprintf("%.17g", as.numeric(values[[name]]))), sep = "")
  }
}

# The first two groups are compared by rank sums, all by Kruskal-Wallis
groups <- function(case, values, group) {
  pair <- wilcox.test(values[group == 1], values[group == 2], exact = FALSE)
  all <- kruskal.test(values, group)
  put(case,
    values = values, group = group, w = pair$statistic, w_p = pair$p.value,
    h = all$statistic, df = all$parameter, h_p = all$p.value, quartiles = quantile(values, 1:3 / 4)
  )
}

set.seed(20240602)
groups("no ties", rnorm(60, rep(c(0, 0.6, 1), 20)), rep(1:3, 20))
groups("ties", sample(1:6, 90, TRUE) + rep(c(0, 1), 45), rep(c(1, 2, 2, 1, 3), 18))
groups("first is smaller", c(1, 2, 2, 3, 4, 5, 5, 9), c(1, 1, 1, 1, 2, 2, 2, 2))
groups("no difference", c(1, 2, 3, 4, 1, 2, 3, 4), c(1, 1, 1, 1, 2, 2, 2, 2))
groups("unequal sizes", c(airquality$Ozone[!is.na(airquality$Ozone)]), airquality$Month[!is.na(airquality$Ozone)] - 4)
