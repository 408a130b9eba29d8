# Rscript tests/reference/gim14.R data/gim14/extract.csv tests/reference/gim14.csv
# The analyses of data/gim14/study.yaml from the extract, cleaned here on its own.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

raw <- read.csv2(arguments[1], colClasses = "character", strip.white = TRUE, na.strings = c("", "NA", "9999", "unknown", "-"))

# Each reader gives NA for what is missing and for what cannot be read; the second kind refuses the row.
level <- function(x, levels) levels[match(tolower(x), names(levels))]
flag <- function(x) level(x, c("1" = "yes", yes = "yes", si = "yes", "0" = "no", no = "no"))
receptor <- function(x) level(x, c("1" = "yes", pos = "yes", positive = "yes", "0" = "no", neg = "no", negative = "no"))
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
  ifelse(value >= as.Date("1980-01-01") & value <= as.Date("2022-12-31"), value, NA)
}

menopause <- c("0" = "pre", "1" = "post", pre = "pre", post = "post", premenopausa = "pre", postmenopausa = "post")
scores <- c("0" = "0", "1" = "1+", "+" = "1+", "1+" = "1+", "2" = "2+", "++" = "2+", "2+" = "2+", "3" = "3+", "+++" = "3+", "3+" = "3+")
ish <- c("0" = "no", "not amplified" = "no", "non amplificato" = "no", "1" = "yes", amplified = "yes", amplificato = "yes")
vital <- c("0" = "alive", alive = "alive", viva = "alive", "1" = "dead", dead = "dead", deceduta = "dead")
words <- function(x) level(x, setNames(nm = tolower(unique(na.omit(x)))))
flags <- c("neo_tx", "neo_chemo", "adj_rt", "metastatic", "met_cns", "met_nodes", "met_lung", "met_liver", "met_skin",
           "met_pleura", "met_bone", "l1_failure")
dates <- c("dx_date", "met_date", "l1_start", "l1_end", "last_contact", "death_date")
clean <- data.frame(
  age = number(raw$age, 18, 110), menopause = level(raw$menopause, menopause), stage_dx = words(raw$stage_dx),
  grade = level(raw$grade, c("1" = "1-2", "2" = "1-2", "3" = "3")), er = receptor(raw$er), pr = receptor(raw$pr),
  her2_ihc = level(raw$her2_ihc, scores), her2_ish = level(raw$her2_ish, ish), l1_regimen = words(raw$l1_regimen),
  lapply(raw[flags], flag), lapply(raw[dates], date), vital_status = level(raw$vital_status, vital)
)
unreadable <- rowSums(is.na(clean) & !is.na(raw[names(clean)])) > 0
# Ki-67 is described but not modelled; what cannot be read of it is missing and refuses no row
clean$ki67 <- number(raw$ki67, 0, 100)
# what cannot be read is compared as it stands
contents <- as.matrix(clean)
contents[is.na(contents)] <- as.matrix(raw[names(clean)])[is.na(contents)]
contents <- data.frame(id = raw$patient_id, contents)
same <- duplicated(contents)
conflicting <- contents$id %in% contents$id[!same][duplicated(contents$id[!same])]
false <- function(x) !is.na(x) & !x
illogical <- with(clean, false(death_date >= dx_date) | (false(vital_status == "dead") & !is.na(death_date)) | false(met_date >= dx_date) |
                    false(l1_start >= met_date) | false(l1_end >= l1_start) | false(last_contact >= met_date) |
                    false(l1_end <= last_contact) | false(death_date == last_contact))
sound <- clean[!is.na(raw$patient_id) & !unreadable & !same & !conflicting & !illogical, ]

sites <- c("cns", "nodes", "lung", "liver", "skin", "pleura")
cohort <- subset(sound, metastatic == "yes" & (her2_ihc == "3+" | (her2_ihc == "2+" & her2_ish == "yes")) &
                   complete.cases(sound[paste0("met_", sites)]) & l1_end > l1_start & last_contact > met_date)
yes_no <- function(x) factor(x, c("no", "yes"))
all <- with(cohort, data.frame(
  ihc = factor(her2_ihc, c("2+", "3+")), age = age / 10, er = yes_no(er), grade = factor(grade, c("1-2", "3")),
  de_novo = yes_no(ifelse(stage_dx == "iv", "yes", "no")), neo_tx = yes_no(neo_tx), neo_chemo = yes_no(neo_chemo),
  radiotherapy = yes_no(adj_rt), setNames(lapply(cohort[paste0("met_", sites)], yes_no), sites)
))
terms <- names(all)
followed <- list(
  os = with(cohort, transform(all, time = last_contact - met_date, event = as.integer(vital_status == "dead"))),
  ttf = with(cohort, transform(all, time = l1_end - l1_start, event = as.integer(l1_failure == "yes")))
)
times <- list(os = c(12, 24, 36, 60), ttf = c(6, 12, 24))

logistic("sites", "ihc=3+", "all", transform(all, event = as.integer(ihc == "3+")), sites, intervals = "wald")
for (endpoint in names(followed)) {
  data <- followed[[endpoint]]
  cox(endpoint, endpoint, "all", data, terms)
  cox(endpoint, endpoint, "ihc_3", subset(data, ihc == "3+"), setdiff(terms, "ihc"))
  cox(endpoint, endpoint, "ihc_2", subset(data, ihc == "2+"), setdiff(terms, "ihc"))
  curves(paste0(endpoint, "_curve"), endpoint, "all", data, "ihc", times[[endpoint]], 30.4375)
}

write_estimates(arguments[2])
