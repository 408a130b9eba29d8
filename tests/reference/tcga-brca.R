# Rscript tests/reference/tcga-brca.R data/tcga-brca/raw tests/reference/tcga-brca.csv
# The analyses of data/tcga-brca/study.yaml from the raw forms, cleaned here on its own. Writes aggregates, no patient, and
# no count of 1 to 7 patients unless a third argument, `all`, asks for every row.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

read_form <- function(name) {
  path <- file.path(arguments[1], paste0("nationwidechildrens.org_clinical_", name, "_brca.txt"))
  form <- read.delim(path, colClasses = "character", quote = "", na.strings = character(), check.names = FALSE)
  form <- form[-(1:2), ] # the second and third header
  form[] <- lapply(form, function(x) ifelse(grepl("^\\[", x), NA, x)) # [Not Available] and its relatives
  form
}
patients <- read_form("patient")
visits <- lapply(c("follow_up_v1.5", "follow_up_v2.1", "follow_up_v4.0"), read_form)

# the last day alive and the day of death that any form has
of_form <- function(form, column, pick) {
  days <- suppressWarnings(as.numeric(form[[column]]))
  vapply(patients$bcr_patient_barcode, function(id) {
    found <- days[form$bcr_patient_barcode == id & !is.na(days)]
    if (length(found)) pick(found) else NA_real_
  }, 0)
}
forms <- c(list(patients), visits)
alive <- do.call(pmax, c(lapply(forms, of_form, "last_contact_days_to", max), na.rm = TRUE))
first_death <- do.call(pmin, c(lapply(forms, of_form, "death_days_to", min), na.rm = TRUE))
death <- do.call(pmax, c(lapply(forms, of_form, "death_days_to", max), na.rm = TRUE))
stopifnot(all(first_death == death, na.rm = TRUE), !any(alive > death, na.rm = TRUE))
dead_ids <- unlist(lapply(forms, function(form) form$bcr_patient_barcode[which(form$vital_status == "Dead")]))
died <- patients$bcr_patient_barcode %in% dead_ids

no_yes <- function(x) factor(ifelse(x, "yes", "no"), c("no", "yes"))
number <- function(x) suppressWarnings(as.numeric(x))
copies <- number(patients$her2_copy_number)
is_sum <- !is.na(copies) & copies > 30
copies[is_sum] <- copies[is_sum] / number(patients$her2_and_cent17_cells_count[is_sum])
copies[patients$her2_copy_number %in% c(">6", ">6.0")] <- 6
copies[patients$her2_copy_number %in% "<4.0"] <- 3.9
ratio <- number(patients$her2_cent17_ratio)
score <- patients$her2_ihc_score
fish <- factor(patients$her2_fish_status, c("Negative", "Positive"))
status <- factor(patients$her2_status_by_ihc, c("Negative", "Equivocal", "Positive"))

# ASCO/CAP 2018: groups by ratio and copies, the result of 2, 3 and 4 by IHC
group <- ifelse(ratio >= 2, ifelse(copies >= 4, 1, 2), ifelse(copies >= 6, 3, ifelse(copies >= 4, 4, 5)))
ish <- ifelse(group == 1, TRUE, ifelse(group == 5, FALSE, ifelse(group == 3, score %in% c("2+", "3+"), score == "3+")))
ish[group %in% 2:4 & is.na(score)] <- NA

fish_positive <- fish == "Positive"
score_3 <- score == "3+"
clear <- score != "2+"
by_score <- unname(c("0" = "Negative", "1+" = "Negative", "2+" = "Equivocal", "3+" = "Positive")[score])
status_against_score <- factor(
  ifelse(as.character(status) == by_score, "agrees", ifelse(as.integer(status) > match(by_score, levels(status)), "status higher", "status lower")),
  c("agrees", "status higher", "status lower")
)
score_against_fish <- factor(
  ifelse(!clear, NA, ifelse(score_3 == fish_positive, "agrees", ifelse(score_3, "3+, FISH negative", "0 or 1+, FISH positive"))),
  c("agrees", "3+, FISH negative", "0 or 1+, FISH positive")
)
holds <- function(x) !is.na(x) & x
contradicted <- holds(status_against_score != "agrees") | holds(score_against_fish != "agrees") |
  holds(fish_positive != (ratio >= 2)) | holds(fish_positive != ish)
her2 <- factor(ifelse(!is.na(fish), as.character(fish), as.character(status)), c("Negative", "Positive"))

all <- data.frame(
  age = as.numeric(patients$age_at_diagnosis) / 10,
  stage = factor(sub("[ABC]$", "", sub("Stage ", "", patients$ajcc_pathologic_tumor_stage)), c("I", "II", "III", "IV")),
  er = factor(patients$er_status_by_ihc, c("Negative", "Positive"), c("no", "yes")),
  score = factor(score, c("0", "1+", "2+", "3+")),
  ihc_status = factor(patients$her2_status_by_ihc, c(levels(status), "Indeterminate")),
  ihc_result = status,
  fish = factor(patients$her2_fish_status, c("Negative", "Equivocal", "Positive", "Indeterminate")),
  ratio_class = factor(ifelse(ratio < 2, "below 2.0", "2.0 or more"), c("below 2.0", "2.0 or more")),
  ish_group = factor(group, 1:5),
  ish_result = factor(ifelse(ish, "positive", "negative"), c("negative", "positive")),
  status_against_score = status_against_score,
  score_against_fish = score_against_fish,
  fish_contradicts_ratio = no_yes(fish_positive != (ratio >= 2)),
  fish_contradicts_guideline = no_yes(fish_positive != ish),
  contradicted = no_yes(contradicted),
  her2 = her2,
  died_at_first = no_yes(patients$vital_status == "Dead"),
  died = no_yes(died),
  time = ifelse(died, death, alive),
  event = as.integer(died)
)

counts("forms", "all", all, "died_at_first", "died")
for (column in c("ihc_status", "fish")) counts("tests_by_score", "all", all, "score", column)
for (column in c("ratio_class", "ish_group", "ish_result")) counts("tests_by_fish", "all", all, "fish", column)
# how many there are of each, by a group that everyone is in
found <- c("status_against_score", "score_against_fish", "fish_contradicts_ratio", "fish_contradicts_guideline", "her2", "died")
for (column in found) counts("contradictions", "all", all, "contradicted", column)

rates("fish_by_score", "fish_result=Positive", "all", fish_positive, all$score, "score")
rates("fish_by_status", "fish_result=Positive", "all", fish_positive, all$ihc_result, "ihc_result")
rates("status_by_score", "ihc_result=Positive", "all", status == "Positive", all$score, "score")
agreement("score_fish", "fish_result=Positive", "all", "score_3", "yes", score_3, fish_positive)
agreement("clear_score_fish", "fish_result=Positive", "all", "clear_score", "3+", ifelse(clear, score_3, NA), fish_positive)
agreement("status_fish", "fish_result=Positive", "all", "status_positive", "yes", status == "Positive", fish_positive)
agreement("status_score", "score_3=yes", "all", "status_positive", "yes", status == "Positive", score_3)
agreement("fish_guideline", "ish_result=positive", "all", "fish_result", "Positive", fish_positive, ish)

followed <- all[!is.na(all$time) & all$time > 0, ]
populations <- list(followed = followed, consistent = followed[followed$contradicted == "no", ])
for (population in names(populations)) {
  for (term in c("score", "her2")) {
    cox(paste0("os_by_", term), "os", population, populations[[population]], c(term, "age", "stage", "er"))
  }
}
curves("os_by_score_curve", "os", "followed", followed, "score", c(24, 60), 30.4375)
curves("os_by_her2_curve", "os", "followed", followed, "her2", c(24, 60, 120), 30.4375)

# Counts of 1 to 7 are left out, with the proportions and curves that rest on one and agreements with such a cell; a hazard
# ratio stays, without its counts. Subtracting what is left may give some back: the forms themselves are open to everyone.
is_small <- function(n) length(n) == 1 && n >= 1 && n <= 7
rests_on_few <- function(row) is_small(row$events_level) || is_small(row$n_level - row$events_level)
withheld <- function(row) {
  if (row$measure == "count") is_small(row$estimate) else row$measure != "HR" && rests_on_few(row)
}
publish <- function(rows) {
  tests <- vapply(Filter(function(row) row$measure == "accuracy", rows), function(row) row$analysis, "")
  with_few <- vapply(Filter(withheld, rows), function(row) row$analysis, "")
  rows <- Filter(function(row) !withheld(row) && !row$analysis %in% intersect(tests, with_few), rows)
  lapply(rows, function(row) if (row$measure == "HR" && rests_on_few(row)) modifyList(row, list(n_level = NA, events_level = NA)) else row)
}
if (!"all" %in% arguments[-(1:2)]) estimates <- publish(estimates)
write_estimates(arguments[2])
