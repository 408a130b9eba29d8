# Rscript tests/reference/calendar.R tests/reference
# Completed calendar months and years between two dates: by lubridate's time_length where the second date is not
# before the first, and by counting anniversaries one by one in base R (a day that a month lacks is the first of
# the next), backwards too.
suppressMessages(library(lubridate))
arguments <- commandArgs(trailingOnly = TRUE)

# The date n months later, as text of digits, never by a conversion from days.
later <- function(date, n) {
  month <- date$mon + n
  date$year <- date$year + month %/% 12
  date$mon <- month %% 12
  lengths <- c(31, 28 + leap_year(date$year + 1900), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
  if (date$mday > lengths[date$mon + 1]) {
    date$mday <- 1
    date$year <- date$year + (date$mon + 1) %/% 12
    date$mon <- (date$mon + 1) %% 12
  }
  (date$year + 1900) * 10000 + (date$mon + 1) * 100 + date$mday
}

# The greatest n with from + n * step months <= to.
completed <- function(from, to, step) {
  from <- as.POSIXlt(from)
  goal <- as.integer(format(to, "%Y%m%d"))
  n <- 0
  while (later(from, (n + 1) * step) <= goal) n <- n + 1
  while (later(from, n * step) > goal) n <- n - 1
  n
}

# Ends of months, leap days and their neighbours with each other; the rest at random.
set.seed(20260101)
ends <- c(outer(c("01-30", "01-31", "02-28", "03-01", "03-31", "04-30", "12-31", "01-01"), c(1999, 2000, 2001, 2004), function(d, y) paste0(y, "-", d)))
ends <- as.Date(c(ends, "2000-02-29", "2004-02-29", "2020-02-29", "1900-02-28", "1900-03-01"))
pairs <- expand.grid(from = ends, to = ends)
born <- as.Date("1900-01-01") + sample(0:44000, 1500)
near <- as.Date("2004-02-20") + sample(0:20, 300, replace = TRUE)
random <- data.frame(
  from = c(born, near, near),
  to = c(
    born + sample(-20000:40000, 1500),
    near + 365 * sample(1:40, 300, replace = TRUE) + sample(0:12, 300, replace = TRUE),
    near %m+% years(sample(1:60, 300, replace = TRUE)) + sample(-1:1, 300, replace = TRUE)
  )
)
pairs <- rbind(pairs, random)

span <- interval(pairs$from, pairs$to)
# a fraction that was summed from days may end just below the whole number
whole <- function(unit) ifelse(pairs$to < pairs$from, NA, floor(time_length(span, unit) + 1e-9))
pairs$lubridate_years <- whole("years")
pairs$lubridate_months <- whole("months")
pairs$counted_years <- mapply(completed, pairs$from, pairs$to, 12)
pairs$counted_months <- mapply(completed, pairs$from, pairs$to, 1)
write.csv(pairs, file.path(arguments[1], "calendar.csv"), row.names = FALSE, na = "", quote = FALSE)
cat(R.version.string, "lubridate", as.character(packageVersion("lubridate")), nrow(pairs), "pairs\n")
