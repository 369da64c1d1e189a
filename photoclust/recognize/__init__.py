"""Who a face is, among people who are known and strangers: arrays in, arrays out. No SQL, no Qt."""
