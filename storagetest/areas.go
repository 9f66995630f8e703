package storagetest

// areas is the whole suite. The cases of an area stand at the head of the file
// that is named after it.
var areas = []area{
	{name: "user", cases: userCases},
}
