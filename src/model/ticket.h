// Ticket: what a sticky cookie says: where its client was sent, until when it holds, and a
// signature. Clients can neither read nor make one; whoever has the key can, so that tickets
// outlive a restart. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/siphash.h"

namespace weir {

// The name of a place inside tickets; never 0. It tells nothing about `text` without the key.
std::uint64_t ticket_name(const SipKey& key, std::string_view text);

// Letters, digits, '-' and '_'. `scope`: what the ticket is for; it is read by the same alone.
std::string write_ticket(const SipKey& key, std::string_view scope, std::uint64_t name,
                         WallTime expires);
// The name; nothing where it is forged, of another scope or has run out.
std::optional<std::uint64_t> read_ticket(const SipKey& key, std::string_view scope,
                                         std::string_view text, WallTime now);

}  // namespace weir
