#include "app/sweep_progress.hpp"

#include <fmt/format.h>

#include <cmath>

#include "app/terminal.hpp"

namespace wattention {
namespace {

constexpr std::chrono::milliseconds between_bars{100};
constexpr std::chrono::seconds between_lines{5};
constexpr std::size_t bar_width = 24;

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 1.0) return fmt::format("{:.0f} ms", seconds * 1000.0);
  constexpr double most_hours = 1e6;
  const double whole = std::round(seconds);
  if (whole < 60.0) return fmt::format("{:.0f} s", whole);
  if (whole < 3600.0)
    return fmt::format("{:.0f} min {:.0f} s", std::floor(whole / 60.0), std::fmod(whole, 60.0));
  if (whole > most_hours * 3600.0) return fmt::format("more than {:.0f} h", most_hours);
  return fmt::format("{:.0f} h {:.0f} min", std::floor(whole / 3600.0),
                     std::floor(std::fmod(whole, 3600.0) / 60.0));
}

std::string progress_text(std::size_t done, std::size_t all, double seconds) {
  const double share = static_cast<double>(done) / static_cast<double>(all);
  const auto filled = static_cast<std::size_t>(share * bar_width);
  std::string text =
      fmt::format("[{:#>{}}{:.>{}}] {} of {}", "", filled, "", bar_width - filled, done, all);
  if (done == 0 || seconds <= 0.0) return text;
  const double rate = static_cast<double>(done) / seconds;
  text += rate >= 10.0 ? fmt::format(", {:.0f}/s", rate) : fmt::format(", {:.2g}/s", rate);
  if (done < all)
    text += fmt::format(", {} left", duration_text(static_cast<double>(all - done) / rate));
  return text;
}

SweepProgress::SweepProgress(std::size_t all) : all_(all), terminal_(is_terminal(stderr)) {}

double SweepProgress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void SweepProgress::add(std::size_t done) {
  done_ += done;
  const auto now = Clock::now();
  if (now - last_ < (terminal_ ? Clock::duration(between_bars) : Clock::duration(between_lines)))
    return;
  last_ = now;
  const std::string text = progress_text(done_, all_, seconds());
  fmt::print(stderr, "{}", terminal_ ? "\r" + text + "\x1b[K" : text + "\n");
  std::fflush(stderr);
}

void SweepProgress::end() const {
  if (!terminal_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace wattention
