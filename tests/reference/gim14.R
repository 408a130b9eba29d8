# Rscript tests/reference/gim14.R cohort.csv tests/reference/gim14.csv
# The analyses of data/gim14/study.yaml on its cohort, results/gim14/cohort/cohort.parquet written as CSV.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

raw <- read.csv(arguments[1], na.strings = "")
flags <- c("er", "grade_3", "de_novo", "neo_tx", "neo_chemo", "radiotherapy", "cns", "nodes", "lung", "liver", "skin", "pleura")
all <- data.frame(ihc = factor(raw$ihc, c("2+", "3+")), age = raw$age / 10, lapply(raw[flags], factor, c("no", "yes")))
sites <- c("cns", "nodes", "lung", "liver", "skin", "pleura")
terms <- names(all)

logistic("sites", "ihc=3+", "all", transform(all, event = as.integer(ihc == "3+")), sites)

for (endpoint in c("os", "ttf")) {
  followed <- transform(all, time = raw[[paste0(endpoint, "_time_days")]], event = raw[[paste0(endpoint, "_event")]])
  cox(endpoint, endpoint, "all", followed, terms)
  cox(endpoint, endpoint, "ihc_3", subset(followed, ihc == "3+"), setdiff(terms, "ihc"))
  cox(endpoint, endpoint, "ihc_2", subset(followed, ihc == "2+"), setdiff(terms, "ihc"))
  curves(paste0(endpoint, "_curve"), endpoint, "all", followed, "ihc", c(12, 24, 60), 30.4375)
}

write_estimates(arguments[2])
