// Udp: the flows of a udp listener on one worker. A flow is a client's address and port at one of
// our sockets; it has an endpoint, a connected socket of its own to it, and ends when it is silent.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/datagram.h"
#include "net/reactor.h"
#include "proxy/layer4.h"

namespace weir::proxy {

// Lives on one worker. The kernel gives all datagrams of a client to the same worker's socket.
class Udp final : public Layer4 {
 public:
  Udp(Worker& worker, std::shared_ptr<const BoundListener> listener);
  ~Udp();

  // Reads from the descriptor until close_sockets(), or until it is left out here.
  void use_sockets(const std::vector<int>& fds, std::uint16_t port);
  // Takes no more, and ends all flows.
  void close_sockets();

 private:
  class Socket;
  struct Flow;
  struct Key {
    Ip ip;
    std::uint16_t port = 0;
    int fd = -1;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };

  void readable(Socket& socket);
  // The datagrams [first, first + count) of the batch, all of one client.
  void from_client(Socket& socket, std::size_t first, std::size_t count);
  void from_endpoint(Flow& flow);
  void to_endpoint(Flow& flow, std::size_t first, std::size_t count);
  // Null: there is none, and `cause` says why.
  Flow* flow_of(Socket& socket, const net::Datagram& datagram, const char*& cause);
  static Task<> run(Local<Udp> self, Local<Flow> flow);
  bool connect(Flow& flow, const net::Address& endpoint, const TargetGroup& options);
  void dropped(const char* cause, std::uint64_t count);

  net::DatagramBatch& batch_;
  std::map<int, net::Owned<Socket>> sockets_;
  std::unordered_map<Key, Local<Flow>, Hash> flows_;
  observe::Counter& datagrams_in_;
  observe::Counter& datagrams_out_;
};

}  // namespace weir::proxy
