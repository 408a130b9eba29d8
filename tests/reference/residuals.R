# What follows from a fitted Cox model, from survival: baseline hazard, residuals, robust covariance, concordance.
#
# Rscript tests/reference/residuals.R <lifelines>/datasets/gbsg2.csv tests/reference
#
# reads cox_rows.csv and cox_cases.csv of cox.R and writes residuals.csv. Of what has a value per row, six rows and the
# sum of squares over all rows are written (row "all"); repeated rows once, but each time in the sum.
options(warn = 2, digits = 17)
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
gbsg2 <- read.csv(arguments[1], stringsAsFactors = TRUE)
folder <- arguments[2]
rows <- read.csv(file.path(folder, "cox_rows.csv"))
cases <- read.csv(file.path(folder, "cox_cases.csv"), colClasses = "character", na.strings = character())

answers <- data.frame(case = "versions", what = c("R", "survival"), row = "", name = "",
                      value = c(as.character(getRversion()), as.character(packageVersion("survival"))))
answer <- function(case, what, value, row = "", name = "") {
  value <- ifelse(is.na(value), "NA", sprintf("%.17g", value))
  answers <<- rbind(answers, data.frame(case, what, row, name, value))
}
answer_rows <- function(case, what, value, row, name = "") {
  value <- as.matrix(value)
  some <- which(!duplicated(row))[order(row[!duplicated(row)])]
  some <- some[unique(round(seq(1, length(some), length.out = 6)))]
  for (j in seq_len(ncol(value))) {
    answer(case, what, value[some, j], row[some], name[j])
    answer(case, what, sum(value[, j]^2), "all", name[j])
  }
}

# coxph may end one step short of rounding, as in cox.R: one more step of Newton's from where it ends
polished <- function(model, data, ties, collinear, robust) {
  step <- function(eps, toler.chol, iter.max, init) {
    control <- coxph.control(eps = eps, toler.chol = toler.chol, iter.max = iter.max)
    if (robust) coxph(model, data, .w, ties = ties, control = control, init = init, cluster = .cluster)
    else coxph(model, data, .w, ties = ties, control = control, init = init, robust = FALSE)
  }
  small <- if (collinear) c(1e-11, 1e-12) else c(1e-14, 1e-15)
  first <- suppressWarnings(step(small[1], small[2], 100))
  step(1e-9, 1e-12, 2, ifelse(is.na(coef(first)), 0, coef(first)))
}

for (i in seq_len(nrow(cases))) {
  case <- cases[i, ]
  if (grepl("gbsg2", case$name)) {
    data <- gbsg2
    data$.row <- seq_len(nrow(data))
    stop_time <- data$time; event <- data$cens
    stratum <- if (case$columns == "gbsg2_strata") as.integer(data$tgrade) else rep(0, nrow(data))
    terms <- c("horTh", "menostat", "tgrade", "age", "tsize", "pnodes", "progrec", "estrec")
    if (case$columns == "gbsg2_strata") terms[3] <- "strata(tgrade)"
    left <- "Surv(time, cens)"
    zero <- data.frame(horTh = "no", menostat = "Post", tgrade = "I",
                       age = 0, tsize = 0, pnodes = 0, progrec = 0, estrec = 0)
    if (case$columns == "gbsg2_strata") zero <- data.frame(tgrade = levels(data$tgrade), zero[names(zero) != "tgrade"])
  } else {
    data <- rows[seq_len(as.integer(case$n)), ]
    data$.row <- seq_len(nrow(data))
    if (case$counts != "") data <- data[rep(seq_len(nrow(data)), data[[case$counts]]), ]
    stop_time <- data[[case$time]]; event <- data$event
    stratum <- if (case$strata == "") rep(0, nrow(data)) else data[[case$strata]]
    terms <- c(strsplit(case$columns, " ")[[1]], if (case$strata != "") paste0("strata(", case$strata, ")"),
               if (case$offset != "") paste0("offset(", case$offset, ")"))
    left <- paste0("Surv(", if (case$entry != "") paste0(case$entry, ", "), case$time, ", event)")
    zero <- as.data.frame(lapply(rows, function(column) rep(0, length(unique(stratum)))))
    zero$centre <- sort(unique(stratum))
  }
  model <- as.formula(paste(left, "~", paste(terms, collapse = " + ")))
  data$.w <- if (case$weights == "") rep(1, nrow(data)) else data[[case$weights]]
  data$.three <- (data$.row - 1) %/% 3   # clusters of three neighbours; copies of a row stay together
  data$.copy <- seq_len(nrow(data))      # each copy of a row for itself
  fit <- polished(model, data, case$ties, case$name == "collinear", FALSE)

  name <- names(coef(fit))
  order <- order(stratum, stop_time, -event)
  dead <- order[event[order] == 1]
  answer_rows(case$name, "martingale", residuals(fit, "martingale"), data$.row)
  answer_rows(case$name, "schoenfeld", residuals(fit, "schoenfeld"), data$.row[dead], name)
  answer_rows(case$name, "score", residuals(fit, "score"), data$.row, name)
  answer_rows(case$name, "dfbeta", residuals(fit, "dfbeta", weighted = TRUE), data$.row, name)
  for (cluster in c("copy", "three")) {
    data$.cluster <- data[[paste0(".", cluster)]]
    robust <- polished(model, data, case$ties, case$name == "collinear", TRUE)
    answer(case$name, paste0("robust_", cluster), as.vector(vcov(robust)), "", rep(name, each = length(name)))
    of <- concordance(robust)
    answer(case$name, paste0("concordance_", cluster), c(of$concordance, sqrt(of$var)), "", c("value", "std_error"))
  }
  count <- if (is.matrix(of$count)) colSums(of$count) else of$count
  answer(case$name, "pairs", count, "", names(count))

  for (at in c("zero", "centred")) {
    curve <- if (at == "zero") survfit(fit, newdata = zero, se.fit = FALSE) else survfit(fit, se.fit = FALSE)
    of <- if (is.null(curve$strata)) rep(1, length(curve$time)) else rep(seq_along(curve$strata), curve$strata)
    day <- which(curve$n.event > 0)
    day <- day[order(of[day], curve$time[day])]
    answer_rows(case$name, paste0("cumulative_", at), as.vector(curve$cumhaz)[day], seq_along(day))
    if (at == "centred") {
      stopifnot(all.equal(basehaz(fit, centered = TRUE)$hazard, as.vector(curve$cumhaz), tolerance = 1e-15))
      answer_rows(case$name, "time", curve$time[day], seq_along(day))
      answer_rows(case$name, "stratum", sort(unique(stratum))[of[day]], seq_along(day))
    }
  }
}
write.csv(answers, file.path(folder, "residuals.csv"), row.names = FALSE, quote = FALSE)
