// Evaluates expressions with the reference implementation of JSONata. Standard input holds a line of JSON for each,
// {"expression": …, "bindings": {…}}; standard output gets one of its answer: {"value": …}, {"nothing": true} or
// {"error": …}. As in Step Functions there is no input document.
'use strict';
const readline = require('node:readline');
const jsonata = require('jsonata');

const parsed = new Map();

async function answer({ expression, bindings }) {
  try {
    if (!parsed.has(expression)) {
      const one = jsonata(expression);
      // Step Functions' own [documentation: transforming-data].
      one.registerFunction('parse', (text) => JSON.parse(text), '<s:x>');
      parsed.set(expression, one);
    }
    const value = await parsed.get(expression).evaluate(undefined, bindings);
    if (value === undefined) {
      return { nothing: true };
    }
    return typeof value === 'function' || value?._jsonata_lambda || value?._jsonata_function
      ? { error: 'no JSON' }
      : { value };
  } catch (error) {
    return { error: error.code || error.name };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  }
})();
