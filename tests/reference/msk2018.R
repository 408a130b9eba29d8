# Rscript tests/reference/msk2018.R data/msk2018/raw tests/reference/msk2018.csv
# The analyses of data/msk2018/study.yaml from the raw files, cleaned here on its own. Writes aggregates, no patient.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

read_raw <- function(name, skip) {
  read.delim(file.path(arguments[1], name), skip = skip, colClasses = "character", quote = "", na.strings = character(), check.names = FALSE)
}
samples <- read_raw("data_clinical_sample.txt", 4)
patients <- read_raw("data_clinical_patient.txt", 4)
copies <- read_raw("data_cna.txt", 0)

no_yes <- function(x) factor(ifelse(x, "yes", "no"), c("no", "yes"))
erbb2 <- unlist(copies[copies$Hugo_Symbol == "ERBB2", -1])
patient <- patients[match(samples$PATIENT_ID, patients$PATIENT_ID), ]
written <- samples$HER2_IHC_SCORE
score <- sub("^0\\+$", "0", sub(" \\(.*", "", written))
fish <- c("Unk/ND" = "Unknown", "Negative (outside)" = "Negative")[samples$HER2_FISH]
fish <- ifelse(is.na(fish), samples$HER2_FISH, fish)
all <- data.frame(
  ihc = factor(score, c("0", "0-1+", "1+", "1-2+", "2+", "2-3+", "3+")),
  fish = factor(fish, c("Negative", "Positive", "Equivocal", "Test Failure", "Not Applicable", "Unknown")),
  amplified = no_yes(as.numeric(erbb2[samples$SAMPLE_ID]) == 2),
  ihc_2_or_3 = factor(written, c("2+", "3+")),
  age = as.numeric(samples$INVASIVE_CARCINOMA_DX_AGE) / 10,
  er = factor(samples$ER_STATUS, c("Negative", "Positive"), c("no", "yes")),
  stage_iv = no_yes(ifelse(samples$STAGE_AT_DIAGNOSIS == "unk", NA, samples$STAGE_AT_DIAGNOSIS == "IV")),
  site = tolower(samples$SAMPLE_SITE),
  patient = samples$PATIENT_ID,
  sample = samples$SAMPLE_ID,
  sequenced = as.numeric(samples$NGS_SAMPLE_COLLECTION_TIME),
  # two decimals, as the two times have them: a difference of binary fractions is not
  entry = pmax(0, round(as.numeric(samples$NGS_SAMPLE_COLLECTION_TIME) - as.numeric(samples$INVASIVE_CARCINOMA_DX_TIME), 2)),
  time = as.numeric(patient$OS_MONTHS),
  event = as.integer(patient$OS_STATUS == "1:DECEASED")
)

counts("tests_by_ihc", "all", all, "ihc", "fish")
counts("tests_by_ihc", "all", all, "ihc", "amplified")
counts("tests_by_fish", "all", all, "fish", "amplified")
amplified <- all$amplified == "yes"
fish_positive <- factor(all$fish, c("Negative", "Positive")) == "Positive"
ihc_3 <- all$ihc == "3+"
rates("fish_by_ihc", "fish_result=Positive", "all", fish_positive, all$ihc, "ihc")
rates("amplified_by_ihc", "amplified=yes", "all", amplified, all$ihc, "ihc")
rates("amplified_by_fish", "amplified=yes", "all", amplified, all$fish, "fish")
agreement("amplification_fish", "fish_result=Positive", "all", "amplified", "yes", amplified, fish_positive)
agreement("ihc_fish", "fish_result=Positive", "all", "ihc_3", "yes", ihc_3, fish_positive)
agreement("ihc_amplification", "amplified=yes", "all", "ihc_3", "yes", ihc_3, amplified)

index <- all[!is.na(all$ihc_2_or_3), ]
index <- index[order(index$sequenced, index$sample, method = "radix"), ]
index <- index[!duplicated(index$patient), ]
for (site in c("liver", "bone", "lymph node", "chest wall", "lung")) {
  index$event_site <- as.integer(index$site == site)
  logistic("sites", paste0(sub(" ", "_", site), "=yes"), "index", transform(index, event = event_site), "ihc_2_or_3",
           multivariable = NULL, intervals = "profile")
}

followed <- index[index$entry < index$time, ]
from_diagnosis <- followed[names(followed) != "entry"]
terms <- c("ihc_2_or_3", "age", "er", "stage_iv")
cox("os_delayed_entry", "os_delayed", "followed", followed, terms)
cox("os_without_entry", "os", "followed", from_diagnosis, terms)
curves("os_delayed_entry_curve", "os_delayed", "followed", followed, "ihc_2_or_3", c(24, 60, 120), 1)
curves("os_without_entry_curve", "os", "followed", from_diagnosis, "ihc_2_or_3", c(24, 60, 120), 1)

write_estimates(arguments[2])
