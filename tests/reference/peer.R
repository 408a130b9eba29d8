# Rscript tests/reference/peer.R cohort.csv folder
# The analyses of data/gim14/study.yaml as a plain R script, from the cleaned cohort: Table 1, logistic and Cox models as
# tables and forest plots, Kaplan-Meier curves. Not part of recohort: `make bench` times it beside a run.
library(survival)

arguments <- commandArgs(trailingOnly = TRUE)
cohort <- read.csv(arguments[1], stringsAsFactors = TRUE)
folder <- arguments[2]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

sites <- c("cns", "nodes", "lung", "liver", "skin", "pleura")
baseline <- c("age", "er", "grade")
treatment <- c("neo_tx", "neo_cht", "adj_rt")
MONTH <- 30.4375

save_table <- function(table, name) write.csv(table, file.path(folder, paste0(name, ".csv")), row.names = FALSE)

save_figure <- function(draw, name, width = 8, height = 6) {
  pdf(file.path(folder, paste0(name, ".pdf")), width, height)
  draw()
  dev.off()
  png(file.path(folder, paste0(name, ".png")), width, height, units = "in", res = 200)
  draw()
  dev.off()
}
