// Runs a notebook by a client that is made of the document, and reads its typed output.
import createClient from "openapi-fetch";
import type { paths } from "./document.js";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });
const { data, error } = await client.POST("/v1/notebooks/made%20for/typed/executions", {
  params: { query: { wait: 60 } },
  body: { parameters: { objects: [{ foo: "a" }] } },
});
if (error !== undefined) throw new Error(error.detail ?? error.title);
const total: number | undefined = data.output?.total;
const inner: string | undefined = data.output?.made.child?.foo;
const phase: string = data.phase;
console.log(`${phase} ${total} ${inner}`);
