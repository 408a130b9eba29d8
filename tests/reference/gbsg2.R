# Rscript tests/reference/gbsg2.R .venv/lib/python3.*/site-packages/lifelines/datasets/gbsg2.csv tests/reference/gbsg2.csv
# The analyses of data/gbsg2/study.yaml, and its Cox models with Breslow's ties and stratified by grade.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "study.R"))

raw <- read.csv(arguments[1])
women <- with(raw, data.frame(
  hormone = factor(horTh, c("no", "yes")),
  age = age / 10,
  menopause = factor(menostat, c("Pre", "Post")),
  size = tsize / 10,
  grade = factor(tgrade, c("I", "II", "III")),
  nodes = pnodes,
  pgr = progrec / 100,
  er = estrec / 100,
  time = time,
  event = cens
))
terms <- c("hormone", "age", "menopause", "size", "grade", "nodes", "pgr", "er")

cox("rfs", "rfs", "all", women, terms)
cox("rfs_breslow", "rfs", "all", women, terms, ties = "breslow")
cox("rfs_by_grade", "rfs", "all", women, setdiff(terms, "grade"), strata = "grade")
curves("rfs_curve", "rfs", "all", women, "hormone", c(12, 24, 36, 60), 30.4375)

write_estimates(arguments[2])
