declare module '*.css' {
  /** The style sheet's text: the bundler puts it in. */
  const text: string;
  export default text;
}
