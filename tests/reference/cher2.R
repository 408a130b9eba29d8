# Rscript tests/reference/cher2.R data/cher2/drops/2021-01-15.csv tests/reference/cher2.csv
# The Fisher tests of data/cher2/study.yaml from the extract, cleaned here on its own.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

raw <- read.csv(arguments[1], colClasses = "character", strip.white = TRUE)
sites <- c("liver", "lung", "cns", "bone", "lymph_nodes", "skin_soft_tissue", "serosa")
intensities <- paste0("ctc_her2_", 0:3)
number <- function(x) suppressWarnings(as.numeric(x)) # ND and what cannot be read become missing
flag <- function(x) c(y = TRUE, yes = TRUE, n = FALSE, no = FALSE)[tolower(x)]

patients <- data.frame(id = raw$patient_id, draw = tolower(raw$draw), lapply(raw[c("ctc_total", intensities)], number), lapply(raw[sites], flag))
date <- as.Date(raw$draw_date, ifelse(grepl("/", raw$draw_date), "%m/%d/%Y", "%Y-%m-%d"))
in_period <- !is.na(date) & date >= "2016-01-01" & date <= "2020-12-31"
unreadable <- rowSums(sapply(sites, function(site) is.na(patients[[site]]) & !raw[[site]] %in% c("", "?", "ND"))) > 0
total <- rowSums(patients[intensities])
adds_up <- is.na(total) | total == patients$ctc_total
same <- duplicated(patients)
conflicting <- patients$id %in% patients$id[!same][duplicated(patients$id[!same])]
sound <- patients[patients$id != "" & in_period & !unreadable & adds_up & !same & !conflicting, ]

n_sites <- rowSums(sound[sites])
her2 <- rowSums(sound[intensities[-1]])
ratio <- rowSums(sound[intensities[3:4]]) / her2
group <- factor(ifelse(her2 == 0 | ratio <= 0.75, "low", "high"), c("low", "high"))
kept <- which(sound$draw == "before new line" & n_sites >= 1 & sound$ctc_total >= 5 & !is.na(group))
cohort <- data.frame(few_sites = n_sites <= 2, sound[sites], group, her2)[kept, ]

for (population in c("all", "her2_expressing")) {
  data <- if (population == "all") cohort else cohort[cohort$her2 >= 1, ]
  for (outcome in c("few_sites", sites)) {
    fisher("tropism", paste0(outcome, "=yes"), population, data[[outcome]], data$group, "group")
  }
}

write_estimates(arguments[2])
