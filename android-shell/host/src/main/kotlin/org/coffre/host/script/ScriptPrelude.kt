// The script that runs before the engine's: it makes the three Store calls out of what the embedding binds. Rule: lengths
// are looked at in the script, because a text too long for the Java heap ends the process when it crosses.

package org.coffre.host.script

/**
 * Wants `__call(number, text)` on the global object, and takes it away; leaves `storeRun`, `storeRunMany`, `storeAll`, and
 * `__answer(text)`, which is `handle` with its answer looked at: text of an allowed length, else null.
 */
fun scriptPrelude(limits: ScriptLimits): String =
    """
    (function (g) {
      "use strict";
      var call = g.__call;
      delete g.__call;
      function storeCall(number) {
        return function (text) {
          var fits = typeof text === "string" && text.length <= ${limits.storeChars};
          var answer = fits ? call(number, text) : call(-1, "");
          if (typeof answer !== "string") throw new Error("the Store gives no answer");
          return answer;
        };
      }
      g.storeRun = storeCall(${StoreGate.RUN});
      g.storeRunMany = storeCall(${StoreGate.RUN_MANY});
      g.storeAll = storeCall(${StoreGate.ALL});
      g.__answer = function (text) {
        var answer = g.handle(text);
        return typeof answer === "string" && answer.length <= ${limits.answerChars} ? answer : null;
      };
    })(globalThis);
    undefined;
    """.trimIndent()
