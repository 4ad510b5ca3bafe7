"""The only outbound sockets besides the database's: the SMTP courier; and the clocks."""
