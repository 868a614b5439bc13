// The first file of Editor.
