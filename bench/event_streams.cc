// Event streams: every connection holds one endless answer; each event is checked byte for byte.
#include <algorithm>
#include <string>
#include <vector>

#include "bench/connection.h"
#include "bench/message.h"
#include "bench/traffic.h"

namespace weir::bench {
namespace {

class EventStreams final : public Traffic, private Connection::User {
 public:
  EventStreams(Loop& loop, const Target& target)
      : loop_(loop), request_(request_for(target.path, false)), streams_(target.connections) {
    for (std::size_t i = 0; i < target.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(
          loop, static_cast<Connection::User&>(*this), target.port, i));
    }
  }

  void start() override { open_more(); }
  bool ready() const override { return flowing_ == streams_.size(); }
  Time tick(Time) override {
    open_more();
    return kNever;
  }

 private:
  struct Stream {
    bool flows = false;   // its first event has come
    std::string partial;  // an event that came in pieces
  };
  static constexpr std::size_t kAtOnce = 64;

  // A stream that breaks is not opened again: it is an error, and the count of events shows it.
  void open_more() {
    while (opening_ < streams_.size() && opening_ < flowing_ + broken_ + kAtOnce) {
      connections_[opening_++]->open();
    }
  }

  void on_open(Connection& connection) override { connection.send(request_); }

  void on_body(Connection& connection, std::string_view piece) override {
    Stream& stream = streams_[connection.index()];
    tally_.body_bytes += piece.size();
    while (!piece.empty()) {
      if (stream.partial.empty() && piece.size() >= EventText::size()) {
        count(stream, piece.substr(0, EventText::size()));
        piece.remove_prefix(EventText::size());
        continue;
      }
      const std::size_t wanted = EventText::size() - stream.partial.size();
      stream.partial.append(piece.substr(0, wanted));
      piece.remove_prefix(std::min(wanted, piece.size()));
      if (stream.partial.size() == EventText::size()) {
        count(stream, stream.partial);
        stream.partial.clear();
      }
    }
  }

  void count(Stream& stream, std::string_view event) {
    const auto sent = sent_time(event);
    if (!sent) return tally_.add_error("not an event of ours");
    ++tally_.answers;
    tally_.latency.add(loop_.now() - *sent);
    if (!stream.flows) ++flowing_;
    stream.flows = true;
  }

  void on_answer(Connection& connection, int status) override {
    tally_.add_error("the stream ended with status " + std::to_string(status));
    connection.close();
    ++broken_;
  }
  void on_broken(Connection&, std::string_view why) override {
    tally_.add_error(why);
    ++broken_;
  }

  Loop& loop_;
  const std::string request_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Stream> streams_;
  std::size_t opening_ = 0;
  std::size_t flowing_ = 0;
  std::size_t broken_ = 0;
};

}  // namespace

std::unique_ptr<Traffic> event_streams(Loop& loop, const Target& target) {
  return std::make_unique<EventStreams>(loop, target);
}

}  // namespace weir::bench
