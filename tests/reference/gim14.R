# Rscript tests/reference/gim14.R data/gim14/extract.csv tests/reference/gim14.csv
# The analyses of data/gim14/study.yaml from the extract, cleaned here on its own.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

raw <- read.csv2(arguments[1], colClasses = "character", strip.white = TRUE, na.strings = c("", "NA", "9999", "unknown", "-"))

# Each reader gives NA for what is missing and for what cannot be read; the second kind refuses the row.
level <- function(x, levels) levels[match(tolower(gsub(" ", "", x)), names(levels))]
flag <- function(x) level(x, c("1" = "yes", yes = "yes", si = "yes", y = "yes", "0" = "no", no = "no", n = "no"))
number <- function(x, low, high) {
  value <- suppressWarnings(as.numeric(sub(",", ".", x)))
  ifelse(value >= low & value <= high, value, NA)
}
date <- function(x) {
  formats <- c("^\\d{4}-" = "%Y-%m-%d", "/" = "%d/%m/%Y", "\\." = "%d.%m.%Y", "[A-Z]" = "%d-%b-%Y")
  value <- as.Date(rep(NA, length(x)))
  for (mark in names(formats)) {
    of_format <- grepl(mark, x)
    value[of_format] <- as.Date(x[of_format], formats[[mark]])
  }
  ifelse(value >= as.Date("1990-01-01") & value <= as.Date("2024-12-31"), value, NA)
}

scores <- c("0" = "0", "1" = "1+", "1+" = "1+", "2" = "2+", "2+" = "2+", "3" = "3+", "3+" = "3+")
ish <- c(amplified = "amplified", positive = "amplified", notamplified = "not amplified", negative = "not amplified", notdone = "not done")
flags <- c("er", "pr", "stage_iv_dx", "neo_therapy", "neo_chemo", "adj_radiotherapy", "mets_cns", "mets_nodes", "mets_lung", "mets_liver",
           "mets_bone", "mets_skin", "mets_pleura", "line1_failed")
dates <- c("dx_date", "mets_date", "line1_start", "line1_end", "last_contact")
clean <- data.frame(
  score = level(raw$her2_ihc, scores), ish = level(raw$her2_ish, ish), age = number(raw$age_dx, 18, 110), ki67 = number(raw$ki67, 0, 100),
  menopause = level(raw$menopause, c(pre = "pre", post = "post")), grade = level(raw$grade, c(g1 = "G1", g2 = "G2", g3 = "G3")),
  lapply(raw[flags], flag), lapply(raw[dates], date), vital = level(raw$vital_status, c(alive = "alive", dead = "dead"))
)
columns <- c("her2_ihc", "her2_ish", "age_dx", "ki67", "menopause", "grade", flags, dates, "vital_status")
unreadable <- rowSums(is.na(clean) & !is.na(raw[columns])) > 0
# what cannot be read is compared as it stands
contents <- data.frame(id = raw$patient_id, ifelse(is.na(as.matrix(clean)) & !is.na(raw[columns]), as.matrix(raw[columns]), as.matrix(clean)))
same <- duplicated(contents)
conflicting <- contents$id %in% contents$id[!same][duplicated(contents$id[!same])]
false <- function(x) !is.na(x) & !x
illogical <- with(clean, false(last_contact >= dx_date) | false(mets_date >= dx_date) | false(line1_end >= line1_start) | false(last_contact >= mets_date))
sound <- clean[!is.na(raw$patient_id) & !unreadable & !same & !conflicting & !illogical, ]

cohort <- subset(sound, score %in% c("2+", "3+") & (score == "3+" | ish == "amplified") & !is.na(mets_date) & last_contact > mets_date)
sites <- c("cns", "nodes", "lung", "liver", "skin", "pleura")
yes_no <- function(x) factor(x, c("no", "yes"))
all <- with(cohort, data.frame(
  ihc = factor(score, c("2+", "3+")), neo_tx = yes_no(neo_therapy), neo_chemo = yes_no(neo_chemo), radiotherapy = yes_no(adj_radiotherapy),
  setNames(lapply(cohort[paste0("mets_", sites)], yes_no), sites)
))
terms <- names(all)
followed <- list(
  os = with(cohort, transform(all, time = last_contact - mets_date, event = as.integer(vital == "dead"))),
  ttf = with(cohort, transform(all, time = line1_end - line1_start, event = as.integer(line1_failed == "yes")))
)
times <- list(os = c(12, 24, 36, 60), ttf = c(6, 12, 24))

logistic("sites", "ihc=3+", "all", transform(all, event = as.integer(ihc == "3+")), sites, intervals = "wald")
for (endpoint in names(followed)) {
  data <- complete(followed[[endpoint]], c("time", "event"))
  cox(endpoint, endpoint, "all", data, terms)
  cox(endpoint, endpoint, "ihc_3", subset(data, ihc == "3+"), setdiff(terms, "ihc"))
  cox(endpoint, endpoint, "ihc_2", subset(data, ihc == "2+"), setdiff(terms, "ihc"))
  curves(paste0(endpoint, "_curve"), endpoint, "all", data, "ihc", times[[endpoint]], 30.4375)
}

write_estimates(arguments[2])
