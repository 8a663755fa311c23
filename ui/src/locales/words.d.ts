declare module 'virtual:words/*' {
  const words: object;
  export { words as default };
}
