package storagetest

// areas is the whole suite. The cases of an area stand at the head of the file
// that is named after it.
var areas = []area{
	{name: "user", cases: userCases},
	{name: "user change", cases: userChangeCases},
	{name: "user delete", cases: userDeleteCases},
	{name: "user list", cases: userListCases},
	{name: "user name", cases: userNameCases},
	{name: "room", cases: roomCases},
	{name: "room change", cases: roomChangeCases},
	{name: "room delete", cases: roomDeleteCases},
	{name: "room list", cases: roomListCases},
	{name: "membership", cases: membershipCases},
	{name: "membership list", cases: membershipListCases},
	{name: "owner", cases: ownerCases},
	{name: "text", cases: textCases},
	{name: "limit", cases: limitCases},
	{name: "alias", cases: aliasCases},
	{name: "precedence", cases: precedenceCases},
	{name: "message", cases: messageCases},
	{name: "message page", cases: messagePageCases},
	{name: "edit", cases: editCases},
	{name: "bulk", cases: bulkCases},
	{name: "search", cases: searchCases, needs: FeatureSearch},
	{name: "tx", cases: txCases},
	{name: "view", cases: viewCases},
	{name: "lifecycle", cases: lifecycleCases},
	{name: "race", cases: raceCases},
}
