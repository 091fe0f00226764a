"""The unary call of grpc_unary, as bytes: what h2load posts and what nghttpd answers."""

import struct

PATH = "/bench.Model/Infer.grpc"  # nghttpd tells the content type by the ending
HEADERS = ("content-type: application/grpc", "te: trailers")
TRAILER = "grpc-status: 0"


def message(text):
    """A gRPC message, not compressed: of one protobuf field, number 1, shorter than 16 KiB."""
    size = len(text)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    field = b"\x0a" + length + text
    return struct.pack(">BI", 0, len(field)) + field


REQUEST = message(b"q" * 100)
REPLY = message(b"r" * 192)  # 200 bytes in all
