// The checks of both programs that read by Octopus's own TypeScript client, and how many have failed.

const { isDeepStrictEqual } = require("node:util");

module.exports = class Checks {
  failed = 0;

  expect = (what, read, expected) => {
    const same = isDeepStrictEqual(read, expected);
    console.log(`${same ? "ok  " : "FAIL"} ${what}`);
    if (!same) {
      console.log(`     read:     ${JSON.stringify(read)}\n     expected: ${JSON.stringify(expected)}`);
      this.failed += 1;
    }
  };
};
