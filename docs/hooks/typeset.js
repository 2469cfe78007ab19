// Typesets formulas: one JSON request a line in, one JSON answer a line out.
// node typeset.js PATH-OF-KATEX
"use strict";
const katex = require(require("path").resolve(process.argv[2]));
const lines = require("readline").createInterface({ input: process.stdin });

// Chinese words inside \text{} are meant; every other doubtful construct is an error.
const strict = (code) => (code === "unicodeTextInMathMode" ? "ignore" : "error");

// Links, pictures and raw HTML do not belong in a formula.
const trust = (context) => {
  throw new Error(`${context.command} is not allowed in a formula`);
};

lines.on("line", (line) => {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(tex, {
      displayMode: display, output: "htmlAndMathml", throwOnError: true, strict, trust,
    });
    answer = { html };
  } catch (error) {
    answer = { error: String(error.message || error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
