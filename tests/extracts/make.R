# Twelve invented patients in the formats of other programs: SPSS, Stata and SAS by haven, an older Stata by
# foreign, workbooks by openxlsx, text by R. Run by make.sh in this folder; the versions are in versions.txt.

library(haven)

n <- 12
patients <- data.frame(
  id = sprintf("P%02d", 1:n),
  centre = rep(c("Z\u00fcrich", "Genova", "M\u00e1laga"), length.out = n),
  ihc = c(2, 3, 2, 2, 3, 3, 2, 3, NA, 2, 3, 2),
  ratio = c(1.3, 2.5, 2, 1.85, 4, 3.3, 2.1, NA, 1.1, 2.04, 6.25, 0.9),
  age = c(50, 61, 72.5, 44, NA, 38, 66, 59, 70, 81, 47, 55),
  dx = as.Date("2020-01-31") + c(0, 1, 28, 29, 61, NA, 152, 275, 334, 366, 420, 517),
  cns = c(0, 1, 0, 0, 1, NA, 0, 0, 1, 0, 1, 0),
  os_days = c(410, 95, 1200, 871, 33, 640, 512, 77, 1500, 288, 365, 902),
  dead = c(1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0)
)

write.csv(patients, "patients.csv", row.names = FALSE, na = "", fileEncoding = "UTF-8")
# as a German spreadsheet does: semicolons, decimal commas, a single-byte encoding
write.csv2(patients, "latin1.csv", row.names = FALSE, na = "", fileEncoding = "latin1")

labelled <- patients
labelled$ihc <- labelled(patients$ihc, c("2+" = 2, "3+" = 3), label = "HER2 IHC")
labelled$cns <- labelled(patients$cns, c(no = 0, yes = 1), label = "CNS metastases")
write_sav(labelled, "patients.sav")
write_sav(labelled, "zlib.sav", compress = "zsav")
# one of the many ways in which Stata shows a date
attr(labelled$dx, "format.stata") <- "%tdDD/NN/CCYY"
write_dta(labelled, "patients.dta", version = 14)
write_sas(patients, "patients.sas7bdat")
write_xpt(patients, "patients.xpt", version = 5)

old <- patients
old$centre <- iconv(old$centre, "UTF-8", "latin1")
old$dx <- ifelse(is.na(patients$dx), ".", format(patients$dx)) # foreign writes dates as numbers
old$ihc <- factor(patients$ihc, 2:3, c("2+", "3+"))
foreign::write.dta(old, "foreign.dta", version = 10)

openxlsx::write.xlsx(patients, "patients.xlsx")

# CDISC ADaM: the subjects, and their times to death (days) and to progression (months)
adsl <- data.frame(
  STUDYID = "TINY", USUBJID = patients$id, IHC = c("2+", "3+")[patients$ihc - 1], AGE = patients$age
)
adtte <- data.frame(
  STUDYID = "TINY", USUBJID = rep(patients$id, 2), PARAMCD = rep(c("OS", "PFS"), each = n),
  PARAM = rep(c("Overall survival", "Progression-free survival"), each = n),
  AVAL = c(patients$os_days, patients$os_days / 2 / 30.4375), AVALU = rep(c("DAYS", "MONTHS"), each = n),
  # 1 and 2 are reasons for censoring
  CNSR = c(ifelse(patients$dead == 1, 0, rep(1:2, length.out = n)), rep(0, n))
)
write_xpt(adsl, "adsl.xpt", version = 5, name = "ADSL")
write_xpt(adtte, "adtte.xpt", version = 5, name = "ADTTE")

versions <- sapply(c("haven", "foreign", "openxlsx"), function(name) paste(name, packageVersion(name)))
writeLines(c(R.version.string, versions), "versions.txt")
