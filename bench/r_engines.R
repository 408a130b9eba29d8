# Rscript r_engines.R ENGINE TASK FOLDER
# R at one task, as bench/process.py does it for the Python engines: the same table in memory before the clock starts, the
# same replies. ENGINE is R (a data frame and a formula) or R-fit (coxph.fit and glm.fit on a prepared matrix).
arguments <- commandArgs(trailingOnly = TRUE)
engine <- arguments[1]
task <- arguments[2]
folder <- arguments[3]
suppressPackageStartupMessages(library(survival))
has_fread <- task == "read" && requireNamespace("data.table", quietly = TRUE)
replicates <- 4
# converged as far as rounding allows, for the answers that all engines are compared with
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
# with so small an eps coxph may halve its last step and end 1e-7 short, or more: one more step of Newton's
last_step <- coxph.control(eps = 1e-9, toler.chol = 1e-15, iter.max = 2)
tight_glm <- glm.control(epsilon = 1e-14, maxit = 50)
largest_refit <- 1e6

status_mb <- function(entry) {
  if (!file.exists("/proc/self/status")) return(NaN)
  line <- grep(paste0("^", entry), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

# A line of JSON: text, numbers, and lists of numbers
reply <- function(...) {
  values <- list(...)
  text <- vapply(values, function(value) {
    if (is.character(value)) return(sprintf('"%s"', value))
    numbers <- as.numeric(unlist(value))
    shown <- paste(ifelse(is.finite(numbers), sprintf("%.17g", numbers), "NaN"), collapse = ", ")
    if (is.list(value)) sprintf("[%s]", shown) else shown
  }, "")
  cat(sprintf("{%s}\n", paste(sprintf('"%s": %s', names(values), text), collapse = ", ")))
  flush(stdout())
}

# The table
load_table <- function() {
  columns <- read.csv(file.path(folder, "columns.csv"))
  values <- Map(function(name, dtype, levels) {
    path <- file.path(folder, paste0(name, ".bin"))
    size <- c(int8 = 1, int32 = 4, float64 = 8)[[dtype]]
    if (dtype == "float64") return(readBin(path, "double", file.size(path) / size))
    codes <- readBin(path, "integer", file.size(path) / size, size)
    codes[codes < 0] <- NA
    if (is.na(levels) || levels == 2) return(codes)
    structure(codes + 1L, levels = as.character(seq_len(levels) - 1), class = "factor")
  }, columns$name, columns$dtype, columns$levels)
  list(data = as.data.frame(values), terms = columns$name[!is.na(columns$levels)])
}

estimates <- function(fit) {
  slopes <- setdiff(names(coef(fit)), "(Intercept)")
  list(coefficients = coef(fit)[slopes], std_errors = sqrt(diag(vcov(fit)))[slopes])
}
joined <- function(each) list(coefficients = unlist(lapply(each, `[[`, 1)), std_errors = unlist(lapply(each, `[[`, 2)))
cox_fit_estimates <- function(fit) list(coefficients = fit$coefficients, std_errors = sqrt(diag(fit$var)))
glm_fit_estimates <- function(fit) {
  errors <- sqrt(diag(chol2inv(fit$qr$qr[seq_len(fit$rank), , drop = FALSE])))
  list(coefficients = fit$coefficients[-1], std_errors = errors[-1])
}
cox_fit <- function(x, y, control = coxph.control()) {
  coxph.fit(x, y, strata = NULL, offset = NULL, init = NULL, control = control, weights = NULL, method = "efron",
            rownames = NULL, resid = FALSE, nocenter = c(-1, 0, 1))
}

converged <- function(formula, data) {
  fit <- coxph(formula, data, control = tight)
  suppressWarnings(coxph(formula, data, init = coef(fit), control = last_step))
}

# Each task is list(run, answer, reference): what is timed, what it gave, and the same as far as rounding allows.
formula_task <- function(task) {
  table <- load_table()
  data <- table$data
  right <- paste(table$terms, collapse = " + ")
  cox <- as.formula(paste("Surv(time, event) ~", right))
  logistic <- as.formula(paste("outcome ~", right))
  few <- nrow(data) <= largest_refit
  switch(task,
    cox = list(run = function() coxph(cox, data), answer = estimates,
               reference = function(fit) estimates(if (few) converged(cox, data) else fit)),
    logistic = list(run = function() glm(logistic, binomial, data), answer = estimates,
                    reference = function(fit) estimates(if (few) glm(logistic, binomial, data, control = tight_glm) else fit)),
    batch = formula_batch(data),
    bootstrap = list(run = function() for (i in seq_len(replicates)) coxph(cox, data[sample(nrow(data), replace = TRUE), ]),
                     answer = function(fit) estimates(repeated <<- coxph(cox, data[rep(seq_len(nrow(data)), data$count), ])),
                     reference = function(fit) estimates(converged(cox, data[rep(seq_len(nrow(data)), data$count), ])),
                     per = replicates))
}

formula_batch <- function(data) {
  models <- read.csv(file.path(folder, "models.csv"), colClasses = "character")
  left <- ifelse(models$kind == "cox", sprintf("Surv(time%1$s, event%1$s)", models$suffix), paste0("outcome", models$suffix))
  formulas <- lapply(paste(left, "~", models$terms), as.formula)
  fit_all <- function(fit_cox, control_glm) {
    arms <- list(data, data[data$arm == 1, ], data[data$arm == 0, ])
    arm <- match(models$arm, c("", "1", "0"))
    Map(function(formula, kind, arm) {
      if (kind == "cox") fit_cox(formula, arms[[arm]]) else glm(formula, binomial, arms[[arm]], control = control_glm)
    }, formulas, models$kind, arm)
  }
  all_estimates <- function(fits) joined(lapply(fits, estimates))
  list(run = function() lapply(fit_all(coxph, glm.control()), estimates), answer = joined,
       reference = function(fits) if (nrow(data) <= 1e5) all_estimates(fit_all(converged, tight_glm)) else joined(fits))
}

fit_task <- function(task) {
  table <- load_table()
  data <- table$data
  if (task == "batch") return(fit_batch(data, table$terms))
  x <- model.matrix(reformulate(table$terms), data)
  y <- Surv(data$time, data$event)
  if (task == "logistic") return(list(run = function() glm.fit(x, data$outcome, family = binomial()), answer = glm_fit_estimates))
  x <- x[, -1, drop = FALSE]
  if (task == "cox") return(list(run = function() cox_fit(x, y), answer = cox_fit_estimates))
  draw <- function() sample(nrow(x), replace = TRUE)
  repeated <- rep(seq_len(nrow(x)), data$count)
  list(run = function() for (i in seq_len(replicates)) { rows <- draw(); cox_fit(x[rows, , drop = FALSE], y[rows, ]) },
       answer = function(fit) cox_fit_estimates(cox_fit(x[repeated, , drop = FALSE], y[repeated, ])), per = replicates)
}

fit_batch <- function(data, terms) {
  models <- read.csv(file.path(folder, "models.csv"), colClasses = "character")
  x <- model.matrix(reformulate(terms), model.frame(reformulate(terms), data, na.action = na.pass))
  of_term <- attr(x, "assign")
  responses <- list(cox = list(Surv(data$time, data$event), Surv(data$time_2, data$event_2)), logistic = list(data$outcome, data$outcome_2))
  fit <- function(kind, suffix, arm, names) {
    columns <- which(of_term %in% match(strsplit(names, " + ", fixed = TRUE)[[1]], terms))
    if (kind == "logistic") columns <- c(1, columns)
    rows <- complete.cases(x[, columns])
    if (arm != "") rows <- rows & data$arm == as.integer(arm)
    rows <- which(rows)
    y <- responses[[kind]][[if (suffix == "") 1 else 2]]
    if (kind == "cox") return(cox_fit_estimates(cox_fit(x[rows, columns, drop = FALSE], y[rows, ])))
    glm_fit_estimates(glm.fit(x[rows, columns, drop = FALSE], y[rows], family = binomial()))
  }
  list(run = function() Map(fit, models$kind, models$suffix, models$arm, models$terms), answer = joined)
}

# fread and the checks that recohort's codebook has: levels, missing codes, ranges, dates; then repeated ids, logic, steps and
# the endpoint. Every distinct text is looked at once. There is no ledger of changed cells and no table of refused rows.
read_task <- function(task) {
  path <- file.path(folder, "extract.csv")
  book <- read.csv(file.path(folder, "codebook.csv"), colClasses = c(code = "integer"), na.strings = "", strip.white = FALSE, quote = "")
  book$text[is.na(book$text)] <- ""
  limits <- read.csv(file.path(folder, "numbers.csv"))
  dates <- c("diagnosis", "surgery", "last_contact")
  if (has_fread) data.table::setDTthreads(0)
  read_text <- function() if (has_fread) data.table::fread(path, colClasses = "character", na.strings = NULL, strip.white = FALSE) else read.csv(path, colClasses = "character", na.strings = NULL)
  missing <- c("", "NA")
  # refused cells are Inf, missing ones NA
  levels_of <- function(texts, name) {
    spellings <- book[book$name == name, ]
    place <- match(trimws(texts), trimws(spellings$text))
    ifelse(is.na(place), Inf, spellings$code[place])
  }
  numbers_of <- function(texts, name) {
    texts <- trimws(texts)
    values <- suppressWarnings(as.numeric(texts))
    bounds <- limits[limits$name == name, ]
    is_missing <- texts %in% missing | (name == "age" & values %in% 999)
    ifelse(is_missing, NA, ifelse(is.na(values) | values < bounds$low | values > bounds$high, Inf, values))
  }
  days_of <- function(texts, name) {
    texts <- trimws(texts)
    values <- as.numeric(as.Date(texts, "%Y-%m-%d"))
    bounds <- as.numeric(as.Date(c("2000-01-01", "2030-12-31")))
    ifelse(texts %in% missing, NA, ifelse(is.na(values) | values < bounds[1] | values > bounds[2], Inf, values))
  }
  run <- function() {
    text <- read_text()
    columns <- list()
    is_refused <- logical(nrow(text))
    kinds <- list(list(dates, days_of), list(unique(book$name), levels_of), list(limits$name, numbers_of))
    for (kind in kinds) for (name in kind[[1]]) {
      distinct <- unique(text[[name]])
      values <- kind[[2]](distinct, name)[match(text[[name]], distinct)]
      is_refused <- is_refused | is.infinite(values)
      columns[[name]] <- values
    }
    id <- trimws(unique(text$id))[match(text$id, unique(text$id))]
    repeated <- which(id %in% id[duplicated(id)])
    contents <- do.call(paste, c(lapply(columns, `[`, repeated), sep = "\r"))
    same <- paste(id[repeated], contents, sep = "\r")
    several <- names(which(tapply(same, id[repeated], function(x) length(unique(x))) > 1))
    is_refused[repeated[id[repeated] %in% several]] <- TRUE
    is_merged <- logical(length(id))
    is_merged[repeated] <- duplicated(same) & !id[repeated] %in% several
    time <- columns$last_contact - columns$diagnosis
    is_refused <- is_refused | (columns$surgery < columns$diagnosis) %in% TRUE | (time < 0) %in% TRUE
    is_sound <- !is_refused & !is_merged
    is_in <- is_sound & !is.na(columns$ihc) & (columns$age >= 18) %in% TRUE
    event <- ifelse(is.na(columns$vital_status), NA, columns$vital_status == 2)
    time[is.na(event)] <- NA
    event[is.na(time)] <- NA
    counts <- c(nrow(text), sum(is_refused & !is_merged), sum(is_merged), sum(is_sound & !is_in), sum(is_in))
    kept <- which(is_in)
    list(counts = counts, columns = lapply(c(columns, list(time = time, event = event)), `[`, kept))
  }
  answer <- function(result) {
    list(coefficients = c(result$counts, vapply(result$columns, function(x) sum(as.numeric(x), na.rm = TRUE), 0),
                          vapply(result$columns, function(x) sum(!is.na(x)), 0)), std_errors = numeric(0))
  }
  list(run = run, answer = answer, reference = answer)
}

make_task <- if (task == "read") read_task else if (engine == "R") formula_task else fit_task
todo <- make_task(task)
per <- if (is.null(todo$per)) 1 else todo$per

invisible(gc())
try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
table_mb <- status_mb("VmRSS")
used <- if (task != "read") "survival" else if (has_fread) "data.table" else "utils"
reply(version = sprintf("R %s, %s %s", getRversion(), used, packageVersion(used)))

commands <- file("stdin", "r")
while (length(command <- readLines(commands, 1)) == 1) {
  if (command == "run") {
    result <- NULL
    invisible(gc())
    start <- Sys.time()
    result <- todo$run()
    reply(seconds = as.numeric(Sys.time() - start, units = "secs") / per)
  } else {
    peak_mb <- status_mb("VmHWM")
    answer <- todo$answer(result)
    values <- list(peak_mb = peak_mb, beyond_mb = peak_mb - table_mb, coefficients = as.list(answer[[1]]), std_errors = as.list(answer[[2]]))
    if (!is.null(todo$reference)) {
      reference <- todo$reference(result)
      values <- c(values, list(reference_coefficients = as.list(reference[[1]]), reference_std_errors = as.list(reference[[2]])))
    }
    do.call(reply, values)
  }
}
