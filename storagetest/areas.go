package storagetest

// areas is the whole suite. The cases of an area stand at the head of the file
// that is named after it.
var areas = []area{
	{name: "user", cases: userCases, twice: true},
	{name: "user change", cases: userChangeCases, twice: true},
	{name: "user delete", cases: userDeleteCases, twice: true},
	{name: "user list", cases: userListCases, twice: true},
	{name: "user name", cases: userNameCases, twice: true},
	{name: "room", cases: roomCases, twice: true},
	{name: "room change", cases: roomChangeCases, twice: true},
	{name: "room delete", cases: roomDeleteCases, twice: true},
	{name: "room list", cases: roomListCases, twice: true},
	{name: "room name", cases: roomNameCases, twice: true},
	{name: "membership", cases: membershipCases, twice: true},
	{name: "membership list", cases: membershipListCases, twice: true},
	{name: "owner", cases: ownerCases, twice: true},
	{name: "text", cases: textCases, twice: true},
	{name: "limit", cases: limitCases, twice: true},
	{name: "alias", cases: aliasCases, twice: true},
	{name: "precedence", cases: precedenceCases, twice: true},
	{name: "reopen", cases: reopenCases, needs: FeatureReopen},
	{name: "whole", cases: wholeCases, twice: true},
	{name: "message", cases: messageCases, twice: true},
	{name: "message page", cases: messagePageCases, twice: true},
	{name: "edit", cases: editCases, twice: true},
	{name: "bulk", cases: bulkCases, twice: true},
	{name: "search", cases: searchCases, needs: FeatureSearch, twice: true},
	{name: "tx", cases: txCases},
	{name: "view", cases: viewCases},
	{name: "lifecycle", cases: lifecycleCases},
	{name: "race", cases: raceCases},
}
