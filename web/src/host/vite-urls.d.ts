// What Vite makes of an import with a query. Rule: addresses alone.

declare module "*?url" {
  const url: string;
  export default url;
}

declare module "*?worker&url" {
  const url: string;
  export default url;
}
