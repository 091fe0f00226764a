#include "recogniser.h"

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>
#include <tesseract/resultiterator.h>

#include <memory>
#include <utility>

namespace ocr {
namespace {

// A page of 600 dpi A4 has 35 million pixels; more is a mistake or an attack.
constexpr std::int64_t kMaxPixels = 40'000'000;

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using PixPtr = std::unique_ptr<Pix, PixDeleter>;

Reading failed(Reading::Outcome outcome, std::string problem) {
  Reading reading;
  reading.outcome = outcome;
  reading.problem = std::move(problem);
  return reading;
}

// Reads the head first, so that a small file that claims to be huge is refused before it is
// unpacked.
PixPtr decode(const std::string& image, std::string& problem) {
  const auto* bytes = reinterpret_cast<const l_uint8*>(image.data());
  l_int32 format = 0;
  l_int32 width = 0;
  l_int32 height = 0;
  if (image.empty()) {
    problem = "the body is empty: send an image file";
  } else if (pixReadHeaderMem(bytes, image.size(), &format, &width, &height, nullptr, nullptr,
                              nullptr) != 0) {
    problem = "the body is not an image: send PNG, JPEG, PNM or TIFF";
  } else if (width < 8 || height < 8) {
    problem = "the image is smaller than 8 by 8 pixels";
  } else if (static_cast<std::int64_t>(width) * height > kMaxPixels) {
    problem = "the image has more than 40 million pixels";
  } else if (PixPtr pix(pixReadMem(bytes, image.size())); pix) {
    return pix;
  } else {
    problem = "the image is damaged";
  }
  return nullptr;
}

std::vector<Word> words_of(tesseract::TessBaseAPI& engine) {
  std::vector<Word> words;
  const std::unique_ptr<tesseract::ResultIterator> at(engine.GetIterator());
  if (!at) return words;
  do {
    const std::unique_ptr<char[]> text(at->GetUTF8Text(tesseract::RIL_WORD));
    if (text) words.push_back({text.get(), at->Confidence(tesseract::RIL_WORD)});
  } while (at->Next(tesseract::RIL_WORD));
  return words;
}

Reading recognise(tesseract::TessBaseAPI& engine, const std::string& image) {
  std::string problem;
  const PixPtr page = decode(image, problem);
  if (!page) return failed(Reading::Outcome::bad_image, problem);

  engine.SetImage(page.get());
  if (pixGetXRes(page.get()) <= 0) engine.SetSourceResolution(96);
  if (engine.Recognize(nullptr) != 0) {
    engine.Clear();
    return failed(Reading::Outcome::bad_image, "the image cannot be recognised");
  }
  Reading reading;
  const std::unique_ptr<char[]> text(engine.GetUTF8Text());
  if (text) reading.text = text.get();
  reading.confidence = engine.MeanTextConf();
  reading.words = words_of(engine);
  engine.Clear();
  return reading;
}

std::chrono::microseconds since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

}  // namespace

Recogniser::Recogniser(std::string language)
    : thread_([this, language = std::move(language)] { work(language); }) {}

Recogniser::~Recogniser() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Recogniser::State Recogniser::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::future<Reading> Recogniser::submit(std::string image) {
  Job job{std::move(image), {}, std::chrono::steady_clock::now()};
  std::future<Reading> answer = job.answer.get_future();
  {
    const std::lock_guard lock(mutex_);
    line_.push_back(std::move(job));
  }
  wake_.notify_one();
  return answer;
}

void Recogniser::work(const std::string& language) {
  setMsgSeverity(L_SEVERITY_NONE);  // a bad image is the client's affair, not a line in the log
  tesseract::TessBaseAPI engine;
  const bool loaded = engine.Init(nullptr, language.c_str()) == 0;
  engine.SetVariable("debug_file", "/dev/null");
  engine.SetPageSegMode(tesseract::PSM_AUTO);

  std::unique_lock lock(mutex_);
  state_ = loaded ? State::ready : State::failed;
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !line_.empty(); });
    if (line_.empty()) return;
    Job job = std::move(line_.front());
    line_.pop_front();
    const bool stopping = stopping_;
    lock.unlock();

    if (stopping) {
      job.answer.set_value(failed(Reading::Outcome::stopping, "the server is stopping"));
    } else if (!loaded) {
      job.answer.set_value(failed(Reading::Outcome::no_model, "the model could not be loaded"));
    } else {
      const auto start = std::chrono::steady_clock::now();
      Reading reading = recognise(engine, job.image);
      reading.waited = std::chrono::duration_cast<std::chrono::microseconds>(start - job.arrived);
      reading.spent = since(start);
      job.answer.set_value(std::move(reading));
    }
    lock.lock();
  }
}

}  // namespace ocr
