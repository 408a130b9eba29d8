"""Statistics on arrays; nothing here knows a protocol."""
