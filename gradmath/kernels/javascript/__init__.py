"""JavaScript: one ES module, for web pages and for Node.js."""
