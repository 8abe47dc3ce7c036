// Addresses are relative, so that the page also works below a proxy's prefix.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  filter: true,
  tryItOutEnabled: true,
  // The validator is somewhere else.
  validatorUrl: null,
});
