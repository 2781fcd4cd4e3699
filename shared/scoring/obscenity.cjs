// CommonJS, which alone can load a package in the middle of a synchronous call: its lexicon takes longer to make than all of our own
// code, and no cold start should wait for it. Node and the bundler both read `require` this way.
exports.loadObscenity = () => require("obscenity");
